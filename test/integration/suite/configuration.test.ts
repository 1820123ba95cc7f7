import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, open, until, workspaceFolder } from '../support';

const ours = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'distillation');
const ofSchema = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source !== 'distillation');

describe('configuration files', () => {
  before(api);

  it('show what the schema cannot say: crop, dataset root and checkpoint that cannot work', async () => {
    const { uri } = await open('bad.distill.json');
    const problems = await until('three problems', () => ours(uri).length >= 3 && ours(uri));
    const texts = problems.map(({ message }) => message).join('\n');
    assert.match(texts, /no-such-dataset/);
    assert.match(texts, /no-such-teacher\.safetensors/);
    assert.match(texts, /100[\s\S]*8/);
    const document = await vscode.workspace.openTextDocument(uri);
    const underlined = problems.map(({ range }) => document.getText(range)).join('\n');
    assert.match(underlined, /no-such-dataset/);
    assert.match(underlined, /no-such-teacher/);
    assert.match(underlined, /100/);
  });

  it('leave to the schema what the schema says, and say it once', async () => {
    const { uri } = await open('unknown-field.distill.json');
    const schema = await until('schema problems', () => ofSchema(uri).length >= 2 && ofSchema(uri));
    const texts = schema.map(({ message }) => message).join('\n');
    assert.match(texts, /learningRate/);
    // Ours are debounced and would be there by now if there were any.
    await new Promise((done) => setTimeout(done, 1000));
    assert.deepEqual(ours(uri), []);
  });

  it('follow the text while it changes', async () => {
    const { uri } = await open('bad.distill.json');
    const document = await vscode.workspace.openTextDocument(uri);
    await until('the problem of the crop', () => ours(uri).some(({ message }) => message.includes('100')));
    const at = document.getText().indexOf('100');
    const range = new vscode.Range(document.positionAt(at), document.positionAt(at + 3));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, range, '96');
    await vscode.workspace.applyEdit(edit);
    await until('its end', () => !ours(uri).some(({ range: r }) => document.getText(r).includes('96')));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('offer to start the run on the first line', async () => {
    const { uri } = await open('lad.distill.json');
    const lenses = await until('the lens', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        uri,
        10,
      );
      return found.some((lens) => lens.command?.command === 'distillation.startRun') && found;
    });
    assert.equal(lenses[0]?.range.start.line, 0);
  });

  it('have hovers that say what a field means and where its default comes from', async () => {
    const document = await open('lad.distill.json');
    const at = document.positionAt(document.getText().indexOf('"batch"') + 2);
    const hovers = await until('a hover', async () => {
      const found = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        at,
      );
      return found.length > 0 && found;
    });
    const text = hovers
      .flatMap(({ contents }) => contents.map((c) => (typeof c === 'string' ? c : c.value)))
      .join('\n');
    assert.match(text, /Images per step/);
  });

  it('are not started while they are wrong, and open where they are', async () => {
    const { store } = await api();
    const uri = vscode.Uri.joinPath(workspaceFolder(), 'bad.distill.json');
    const before = store.runs.length;
    await vscode.commands.executeCommand('distillation.startRun', uri);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uri.toString());
    assert.notEqual(vscode.window.activeTextEditor?.selection.isEmpty, true);
    await store.scan();
    assert.equal(store.runs.length, before);
  });
});
