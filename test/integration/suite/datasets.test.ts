import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import * as vscode from 'vscode';
import { api, until, workspaceFolder } from '../support';

const never: vscode.CancellationToken = new vscode.CancellationTokenSource().token;

/** A folder dataset with a label map that holds the id 9 of two classes. */
function writeDataset(root: string): void {
  const picture = (channels: number, value: number) =>
    encode({ width: 6, height: 4, channels, depth: 8, data: new Uint8Array(6 * 4 * channels).fill(value) });
  for (const [split, names] of [
    ['train', ['a', 'b', 'c']],
    ['val', ['v']],
  ] as const)
    for (const part of ['images', 'labels']) {
      mkdirSync(join(root, part, split), { recursive: true });
      for (const name of names)
        writeFileSync(
          join(root, part, split, `${name}.png`),
          part === 'images' ? picture(3, 90) : picture(1, name === 'b' ? 9 : 1),
        );
    }
  const classes = ['ground', 'sky'].map((name, i) => ({ name, color: [90 * i, 60, 60] }));
  writeFileSync(join(root, 'classes.json'), JSON.stringify(classes));
}

describe('the datasets', () => {
  const root = () => join(workspaceFolder().fsPath, 'streets');
  const key = () => ['folder', '', root()].join('\n');

  it('of the configurations are listed, each once, and what was added', async () => {
    const { datasets } = await api();
    await datasets.scan();
    const sample = datasets.all.find(({ kind }) => kind === 'sample');
    assert.ok(sample && sample.configurations.length >= 2, 'lad and rdd train on the sample scenes');
    writeDataset(root());
    await datasets.add({ kind: 'folder', convention: undefined, root: root() });
    const added = datasets.all.find((dataset) => dataset.key === key());
    assert.ok(added?.added);
    assert.equal(added.report, undefined);
  });

  it('are checked in a process of their own, with progress; problems are known by file', async function () {
    this.timeout(120_000);
    const { datasets } = await api();
    const counted: number[] = [];
    const report = await datasets.check(key(), true, {
      token: never,
      onProgress: ({ done }) => counted.push(done),
    });
    assert.equal(counted.at(-1), 4);
    assert.deepEqual(report?.counts, { 'dataset-label': 1 });
    assert.equal(report?.problems[0]?.file, join(root(), 'labels/train/b.png'));
    assert.deepEqual(datasets.all.find((dataset) => dataset.key === key())?.report, report);
    await vscode.commands.executeCommand('distillation.datasets.focus');
  });

  it('say in their configurations what was found', async () => {
    const uri = vscode.Uri.joinPath(workspaceFolder(), 'streets.distill.json');
    await vscode.workspace.fs.writeFile(
      uri,
      Buffer.from(
        JSON.stringify({ dataset: { kind: 'folder', root: 'streets' }, training: { crop: [96, 96] } }),
      ),
    );
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    const found = await until('the warning', () =>
      vscode.languages.getDiagnostics(uri).find(({ message }) => message.includes('found 1 problem')),
    );
    assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(found.message, /b\.png: Not class ids of this dataset: 9 \(24 pixels/);
  });

  it('are browsed in a panel, one per dataset', async () => {
    await vscode.commands.executeCommand('distillation.browseSamples', key());
    await vscode.commands.executeCommand('distillation.browseSamples', key());
    const tabs = () =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ label }) => label === 'Samples: streets');
    await until('its tab', () => tabs().length > 0);
    assert.equal(tabs().length, 1);
    await vscode.window.tabGroups.close(tabs());
  });

  it('open the file of a problem', async () => {
    const { datasets } = await api();
    const dataset = datasets.all.find((one) => one.key === key())!;
    const [problem] = dataset.report!.problems;
    await vscode.commands.executeCommand('distillation.openDatasetProblem', {
      kind: 'problem',
      dataset,
      problem,
    });
    await until('the picture', () =>
      vscode.window.tabGroups.all.flatMap((group) => group.tabs).some(({ label }) => label === 'b.png'),
    );
    await datasets.remove(key());
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(workspaceFolder(), 'streets.distill.json'));
    await until('the list without it', () => datasets.all.every((one) => one.key !== key()));
  });
});
