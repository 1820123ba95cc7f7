import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/protocol/run';
import { api, until } from '../support';

const minutes = 60_000;

/** Runs a command and gives the run it started. */
async function started(command: string): Promise<RunSummary> {
  const { store } = await api();
  const before = new Set(store.runs.map((run) => run.folder));
  // Not waited for first: a command that asks something, which it should not here, ends when it is answered.
  const done = vscode.commands.executeCommand(command);
  const run = await until(
    'a new run',
    () => store.summaries.find((each) => !before.has(each.folder)),
    minutes,
  );
  await done;
  return run;
}

async function ended(folder: string, limitMs: number): Promise<RunSummary> {
  const { store } = await api();
  return await until(
    'the end of the run',
    () => {
      const run = store.summaries.find((summary) => summary.folder === folder);
      return run && run.status !== 'running' && run.status !== 'starting' && run;
    },
    limitMs,
  );
}

describe('training', function () {
  this.timeout(5 * minutes);
  before(async () => {
    await api();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('by LAD runs both stages and leaves checkpoints, samples and a panel', async () => {
    const { folder, name } = await started('distillation.startLadRun');
    await until('its panel', () =>
      vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => tab.label.startsWith(name))),
    );
    const run = await ended(folder, 4 * minutes);
    assert.equal(run.status, 'finished', run.error);
    assert.deepEqual(run.methods, ['lad']);
    assert.equal(run.stage, 'student');
    assert.equal(run.step, 4);
    assert.ok(run.bestStudentMiou !== undefined && run.bestTeacherMiou !== undefined);
    assert.ok(readdirSync(join(folder, 'checkpoints')).length > 0);
    assert.ok(readdirSync(join(folder, 'samples')).length > 0);
    assert.ok(!existsSync(join(folder, 'lock.json')));
  });

  it('by RDD is stopped by command, keeps a checkpoint, and goes on from it', async () => {
    const { store } = await api();
    const { folder } = await started('distillation.startRddRun');
    const steps = () => store.summaries.find((run) => run.folder === folder)?.step ?? 0;
    await until('some steps', () => steps() >= 2, 2 * minutes);
    await vscode.commands.executeCommand('distillation.stopRun', folder);
    const stopped = await ended(folder, 2 * minutes);
    assert.equal(stopped.status, 'stopped', stopped.error);
    const at = stopped.step ?? 0;
    await vscode.commands.executeCommand('distillation.resumeRun', folder);
    await until('further steps', () => steps() > at, 2 * minutes);
    await vscode.commands.executeCommand('distillation.stopRun', folder);
    assert.equal((await ended(folder, 2 * minutes)).status, 'stopped');
  });

  // VS Code 1.100 starts no process of a task in the page without a screen that these tests have.
  const withTasks = vscode.version.startsWith('1.100.') ? () => {} : it;
  withTasks(
    'by a task of tasks.json is a run of the command line: it appears while it trains and is stopped from here',
    async () => {
      const { store } = await api();
      const task = await until('the task', async () =>
        (await vscode.tasks.fetchTasks({ type: 'distill' })).find(({ name }) => name === 'train rdd'),
      );
      const before = new Set(store.runs.map((run) => run.folder));
      const exit = new Promise<number | undefined>((done) => {
        const watch = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
          if (execution.task.name !== task.name) return;
          watch.dispose();
          done(exitCode);
        });
      });
      await vscode.tasks.executeTask(task);
      const { folder } = await until(
        'its run',
        () => store.summaries.find((run) => !before.has(run.folder) && run.status === 'running'),
        2 * minutes,
      );
      const steps = () => store.summaries.find((run) => run.folder === folder)?.step ?? 0;
      await until('steps as they are taken', () => steps() >= 2, 2 * minutes);
      await vscode.commands.executeCommand('distillation.stopRun', folder);
      const run = await ended(folder, 2 * minutes);
      assert.equal(run.status, 'stopped', run.error);
      assert.equal(await exit, 130);
    },
  );
});
