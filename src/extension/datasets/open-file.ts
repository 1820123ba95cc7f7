import { existsSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { commands, Uri, workspace } from 'vscode';

/** What VS Code shows in an editor of its own; anything else is shown in its folder. */
const SHOWN = ['.png', '.jpg', '.jpeg', '.txt', '.json'];

/** Opens a picture in VS Code's own preview; what it cannot show, or what is gone, is shown in its folder. */
export async function openOrReveal(file: string): Promise<void> {
  const there = existsSync(file);
  if (there && SHOWN.includes(extname(file).toLowerCase())) {
    await commands.executeCommand('vscode.open', Uri.file(file));
    return;
  }
  const uri = Uri.file(there ? file : dirname(file));
  await commands.executeCommand(
    workspace.getWorkspaceFolder(uri) ? 'revealInExplorer' : 'revealFileInOS',
    uri,
  );
}
