import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/protocol/run';
import { JournalWriter } from '../../../src/run/journal';
import { makeCrashedRun, makeRun } from '../make-runs';
import { api, until, workspaceFolder } from '../support';

const workspace = () => workspaceFolder().fsPath;

async function seen(folder: string): Promise<RunSummary> {
  const { store } = await api();
  return await until(`the run ${folder}`, () => store.summaries.find((run) => run.folder === folder));
}

const titles = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));

describe('the runs of a workspace', () => {
  it('appear when their folder appears', async () => {
    const run = await seen(makeRun(workspace(), 'appears', 'finished'));
    assert.equal(run.status, 'finished');
    assert.deepEqual(run.methods, ['rdd']);
    assert.equal(run.bestStudentMiou, 0.431);
    assert.equal(run.progress, 1);
  });

  it('are shown as crashed when their process is gone', async () => {
    const run = await seen(makeCrashedRun(workspace(), 'crashes'));
    assert.equal(run.status, 'crashed');
    assert.equal(run.step, 5);
  });

  it('are shown as broken, not hidden, when their description cannot be read', async () => {
    const folder = makeRun(workspace(), 'breaks', 'finished');
    await seen(folder);
    writeFileSync(join(folder, 'run.json'), '{"version": 1, "id":');
    const { store } = await api();
    const broken = await until('the broken run', () =>
      store.runs.find((run) => run.folder === folder && run.kind === 'broken'),
    );
    assert.match(broken.kind === 'broken' ? broken.problem : '', /run\.json.*JSON/);
  });

  it('follow a journal that grows', async () => {
    const folder = makeRun(workspace(), 'grows', 'stopped');
    await seen(folder);
    const journal = new JournalWriter(folder);
    journal.append({
      kind: 'evaluation',
      at: Date.now(),
      stage: 'student',
      step: 6,
      role: 'student',
      images: 1,
      miou: 0.5,
      miouPresent: 0.5,
      pixelAccuracy: 0.9,
      iou: [0.5, 0.5, 0.5],
    });
    journal.close();
    await until('the new mIoU', async () => (await seen(folder)).bestStudentMiou === 0.5);
  });

  it('open in a panel of their own, once each', async () => {
    const first = await seen(makeRun(workspace(), 'panel-a', 'finished'));
    const second = await seen(makeRun(workspace(), 'panel-b', 'finished'));
    for (const run of [first, second, first])
      await vscode.commands.executeCommand('distillation.openRun', run.folder);
    for (const name of ['panel-a', 'panel-b'])
      await until(
        `one tab for ${name}`,
        () => titles().filter((title) => title.startsWith(name)).length === 1,
      );
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('go when their folder goes', async () => {
    const { store } = await api();
    const folder = makeRun(workspace(), 'goes', 'finished');
    await seen(folder);
    await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true });
    await until('its end', () => !store.runs.some((run) => run.folder === folder));
    assert.ok(!existsSync(folder));
  });
});
