import { homedir } from 'node:os';
import { type LogOutputChannel, l10n, Uri, window, workspace } from 'vscode';
import type { SaveRequest } from '../../protocol/panel';
import { logError, messageOf } from '../log';

/** Asks where, and writes what a panel made. Only the place the user chose is written to; what goes wrong is told. */
export function offerToSave(request: SaveRequest, log: LogOutputChannel): void {
  save(request).catch((error) => {
    logError(log, error);
    void window.showErrorMessage(messageOf(error));
  });
}

async function save({ name, data }: SaveRequest): Promise<void> {
  const home = workspace.workspaceFolders?.[0]?.uri ?? Uri.file(homedir());
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const uri = await window.showSaveDialog({
    defaultUri: Uri.joinPath(home, name),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (!uri) return;
  await workspace.fs.writeFile(uri, typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data));
  window.setStatusBarMessage(l10n.t('Saved: {0}', workspace.asRelativePath(uri)), 5000);
}
