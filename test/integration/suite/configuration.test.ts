import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, open, until, workspaceFolder } from '../support';

/** What is offered at the first place of a word; `open` has made the document the active one. */
async function fixesAt(document: vscode.TextDocument, word: string): Promise<vscode.CodeAction[]> {
  const at = document.positionAt(document.getText().indexOf(word) + 1);
  const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    new vscode.Range(at, at),
    vscode.CodeActionKind.QuickFix.value,
  );
  return found.filter(({ edit }) => edit !== undefined);
}

async function completionsAt(
  document: vscode.TextDocument,
  offset: number,
): Promise<vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    document.positionAt(offset),
  );
  // Words of the text are offered everywhere.
  return list.items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
}

const labelOf = ({ label }: vscode.CompletionItem) => (typeof label === 'string' ? label : label.label);

const ours = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'distillation');
const ofSchema = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source !== 'distillation');

describe('configuration files', () => {
  before(api);
  afterEach(() => vscode.commands.executeCommand('workbench.action.files.revert'));

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

  it('tell what the schema says as well, and once: VS Code is told to leave it to us', async () => {
    const { uri } = await open('unknown-field.distill.json');
    const problems = await until('problems', () => ours(uri).length >= 2 && ours(uri));
    assert.match(problems.map(({ message }) => message).join('\n'), /no field "learningRate"/);
    // VS Code's own are debounced and would be there by now if there were any.
    await new Promise((done) => setTimeout(done, 1500));
    assert.deepEqual(ofSchema(uri), []);
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
    assert.ok(lenses.some((lens) => lens.command?.command === 'distillation.queueRun'));
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
    assert.match(text, /Images per step\. Published: 16/);
    assert.equal(text.split('Images per step').length, 2, 'said once');
  });

  it('have quick fixes that cure what they are for, in JSON and in YAML', async () => {
    for (const name of ['bad.distill.json', 'bad.distill.yaml']) {
      const document = await open(name);
      await until('the problem of the crop', () =>
        ours(document.uri).some(({ message }) => message.includes('output stride')),
      );
      const fixes = await fixesAt(document, '100');
      assert.deepEqual(
        fixes.map(({ title }) => title),
        ['Change "training.crop[0]" to 96', 'Change "training.crop[0]" to 104'],
        name,
      );
      await vscode.workspace.applyEdit(fixes[0]!.edit!);
      await until(
        'its end',
        () => !ours(document.uri).some(({ message }) => message.includes('output stride')),
      );
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
  });

  it('have problems and completion in YAML as in JSON', async () => {
    const document = await open('bad.distill.yaml');
    const problems = await until('its problems', () => ours(document.uri).length >= 2 && ours(document.uri));
    assert.match(problems.map(({ message }) => message).join('\n'), /no-such-dataset/);
    const offset = document.getText().indexOf('folder');
    const labels = (await completionsAt(document, offset)).map(labelOf);
    assert.ok(labels.includes('cityscapes, with the published schedule'), labels.join());
    // Nobody else offers the same a second time.
    assert.equal(labels.filter((label) => label === 'cityscapes').length, 1);
  });

  it('complete fields, values and paths, each once', async () => {
    const document = await open('bad.distill.json');
    const text = document.getText();
    const inSection = (await completionsAt(document, text.indexOf('"crop"') + 1)).map(labelOf);
    assert.equal(inSection.filter((label) => label === 'iterations').length, 1, inSection.join());
    const paths = await completionsAt(document, text.indexOf('no-such-dataset'));
    assert.ok(
      paths.some((item) => item.kind === vscode.CompletionItemKind.Folder),
      paths.map(labelOf).join(),
    );
  });

  it('are formatted with their comments', async () => {
    for (const [name, comment] of [
      ['bad.distill.json', '// stays'],
      ['bad.distill.yaml', '# stays'],
    ] as const) {
      const document = await open(name);
      const edit = new vscode.WorkspaceEdit();
      const end = document.positionAt(document.getText().length);
      edit.insert(document.uri, end, `\n\n${comment}\n`);
      edit.insert(document.uri, new vscode.Position(0, 0), `${comment}\n`);
      await vscode.workspace.applyEdit(edit);
      const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
        'vscode.executeFormatDocumentProvider',
        document.uri,
        { tabSize: 4, insertSpaces: true },
      );
      assert.ok(edits.length > 0, name);
      const formatted = new vscode.WorkspaceEdit();
      formatted.set(document.uri, edits);
      await vscode.workspace.applyEdit(formatted);
      assert.equal(document.getText().split(comment).length, 3, document.getText());
      assert.match(document.getText(), /\n {4}\S/);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
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

  it('offer whole configurations while they are empty, in JSON and in YAML, which are valid once taken', async () => {
    for (const [name, label] of [
      ['bad.distill.json', 'LAD on the embedded scenes'],
      ['bad.distill.yaml', 'RDD on the embedded scenes'],
    ] as const) {
      const document = await open(name);
      const editor = vscode.window.activeTextEditor!;
      await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, document.lineCount, 0)));
      const offered = await completionsAt(document, 0);
      assert.ok(offered.map(labelOf).includes('LAD on CamVid'), offered.map(labelOf).join());
      const found = offered.filter((item) => labelOf(item) === label);
      assert.equal(found.length, 1, label);
      await editor.insertSnippet(found[0]!.insertText as vscode.SnippetString, new vscode.Position(0, 0));
      await until('a text without problems', () => ours(document.uri).length === 0);
      assert.match(document.getText(), /"?iterations"?: 300/);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
  });

  it('offer variants of methods in the list of methods', async () => {
    const document = await open('lad.distill.json');
    const text = document.getText();
    const end = text.indexOf(']', text.indexOf('"methods"'));
    await vscode.window.activeTextEditor!.edit((edit) => edit.insert(document.positionAt(end), ', '));
    const labels = (await completionsAt(document, end + 2)).map(labelOf);
    assert.ok(labels.includes('RDD as in the paper'), labels.join());
  });
});
