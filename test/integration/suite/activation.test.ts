import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api } from '../support';

describe('activation', () => {
  it('registers every command the manifest declares', async () => {
    const { commands } = await api();
    const extension = vscode.extensions.getExtension('distillation-studio.distillation-studio');
    const declared = (extension!.packageJSON.contributes.commands as { command: string }[]).map(
      (c) => c.command,
    );
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual([...commands].sort(), declared.sort());
    assert.deepEqual(
      declared.filter((command) => !known.has(command)),
      [],
    );
  });

  it('gives configurations the language JSON with comments', async () => {
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'lad.distill.json'),
    );
    assert.equal(document.languageId, 'jsonc');
  });
});
