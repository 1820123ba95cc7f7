import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { StudyReport } from '../../../src/protocol/study';
import { readManifest } from '../../../src/run/manifest';
import { listRunFolders } from '../../../src/run/run-folder';
import { runTypeScript } from '../../lib/run-typescript';
import { tinyConfig, tinyWorkspace } from '../worker/tiny';

const root = join(__dirname, '../../..');

function start(cwd: string, ...args: string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [...runTypeScript, join(root, 'src/cli/main.ts'), 'study', ...args],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  const ended = new Promise<{ status: number | null; text: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, text }));
  });
  return { child, ended };
}

test('a study survives its interruption, trains nothing twice, and reports paired differences', async () => {
  const workspace = tinyWorkspace();
  tinyConfig(workspace, 'base', { methods: [], training: { iterations: 4, sampleEvery: 4 } });
  const file = join(workspace, 'small.study.json');
  const content = {
    name: 'small study',
    base: 'base.distill.json',
    seeds: [1, 2],
    arms: [
      { name: 'alone' },
      { name: 'kd', teacher: 'alone', config: { methods: [{ kind: 'kd', weight: 2 }] } },
    ],
  };
  writeFileSync(file, JSON.stringify(content));

  // Ends while the first runs are there, with an orderly stop of the one in training.
  const first = start(workspace, file);
  while (listRunFolders(workspace).length < 2) {
    assert.equal(first.child.exitCode, null);
    await pause(20);
  }
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).status, 130);
  assert.ok(listRunFolders(workspace).length < 4);

  const second = await start(workspace, file).ended;
  assert.equal(second.status, 0, second.text);
  assert.match(second.text, /\[1\/4\] alone, seed 1: finished before/);
  const folders = listRunFolders(workspace);
  assert.equal(folders.length, 4);
  const out = join(workspace, '.distill/studies/small-study');
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as StudyReport;
  assert.equal(report.finished, 4);
  const [alone, kd] = report.arms;
  assert.equal(alone!.difference, undefined);
  assert.deepEqual(kd!.difference!.seeds, [1, 2]);
  for (const [i, value] of kd!.difference!.values.entries())
    assert.equal(value, kd!.runs[i]!.miou! - alone!.runs[i]!.miou!);
  assert.ok(kd!.runs.every(({ cost }) => cost.studentSeconds > 0 && cost.teacherSeconds === 0));
  for (const folder of folders) {
    const { config, id } = readManifest(folder);
    if (config.methods.length === 0) continue;
    const { run } = alone!.runs.find(({ seed }) => seed === config.training.seed)!;
    assert.equal(
      config.teacher!.checkpoint,
      `.distill/runs/${run}/checkpoints/student-000004/student.safetensors`,
      id,
    );
  }
  assert.match(readFileSync(join(out, 'report.md'), 'utf8'), /\| kd \| [\d.]+ ± [\d.]+ \|/);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  assert.match(html, /<svg/);
  assert.doesNotMatch(html, /<script|https?:/);

  // Nothing is left to do; then one arm changes.
  const third = await start(workspace, file).ended;
  assert.equal(third.text.match(/finished before/g)?.length, 4);
  content.arms[1]!.config!.methods[0]!.weight = 3;
  writeFileSync(file, JSON.stringify(content));
  const planned = await start(workspace, file, '--plan').ended;
  assert.equal(planned.text.match(/changed since/g)?.length, 2);
  assert.ok(existsSync(folders[0]!), 'the old run stays');
});
