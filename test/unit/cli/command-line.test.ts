import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunSummary } from '../../../src/protocol/run';
import { latestCheckpoint, listCheckpoints } from '../../../src/run/checkpoints';
import { listRunFolders } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { runTypeScript } from '../../lib/run-typescript';
import { tinyConfig, tinyWorkspace } from '../worker/tiny';

const root = join(__dirname, '../../..');

interface Ended {
  status: number | null;
  signal: string | null;
  out: string;
  err: string;
}

/** `distill ...` as its users run it, from source. */
function distill(cwd: string, ...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...runTypeScript, join(root, 'src/cli/main.ts'), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, out, err }));
  });
  return { child, ended };
}

/** Waits until the newest run of a workspace has a checkpoint that `wanted` accepts. */
async function checkpointed(
  workspace: string,
  child: ChildProcess,
  wanted: (checkpoint: { stage: string; step: number }) => boolean,
): Promise<string> {
  for (;;) {
    const [folder] = listRunFolders(workspace);
    if (folder && listCheckpoints(folder).some(wanted)) return folder;
    assert.equal(child.exitCode, null, 'training ended too early');
    await pause(5);
  }
}

async function newest(workspace: string): Promise<RunSummary> {
  return (await RunReader.open(listRunFolders(workspace)[0]!)).summary();
}

function studentOf(folder: string): Uint8Array {
  return Uint8Array.from(latestCheckpoint(folder).checkpoint!.files['student.safetensors']!);
}

test('killed in the middle, a run is shown as crashed, goes on, and ends like an uninterrupted one', async () => {
  const workspace = tinyWorkspace();
  const training = { iterations: 24, teacherIterations: 12 };
  const config = tinyConfig(workspace, 'kd', { training });
  const first = distill(workspace, 'train', config);
  const folder = await checkpointed(
    workspace,
    first.child,
    ({ stage, step }) => stage === 'teacher' && step >= 6,
  );
  first.child.kill('SIGKILL');
  assert.equal((await first.ended).signal, 'SIGKILL');
  const listed = await distill(workspace, 'runs', '--json').ended;
  const [crashed] = JSON.parse(listed.out) as RunSummary[];
  assert.equal(crashed?.status, 'crashed');
  assert.ok(crashed.step! >= 6 && crashed.progress > 0);

  const second = distill(workspace, 'train', '--resume', crashed.id);
  await checkpointed(workspace, second.child, ({ stage, step }) => stage === 'student' && step >= 6);
  second.child.kill('SIGKILL');
  await second.ended;
  assert.equal((await newest(workspace)).status, 'crashed');

  const third = await distill(workspace, 'train', '--resume', crashed.id).ended;
  assert.equal(third.status, 0, third.err);
  assert.match(third.out, /Going on after step \d+ of the student stage/);
  assert.match(third.out, /kd: finished/);
  const finished = await newest(workspace);
  assert.equal(finished.status, 'finished');

  const uninterrupted = tinyWorkspace();
  const whole = await distill(
    uninterrupted,
    'train',
    tinyConfig(uninterrupted, 'kd', { training }),
    '--quiet',
  ).ended;
  assert.equal(whole.status, 0, whole.err);
  assert.deepEqual(studentOf(folder), studentOf(listRunFolders(uninterrupted)[0]!));
  const other = await newest(uninterrupted);
  assert.equal(finished.bestStudentMiou, other.bestStudentMiou);
  assert.equal(finished.loss, other.loss);
});

test('Ctrl-C finishes the step, writes a checkpoint and says how to go on', async () => {
  const workspace = tinyWorkspace();
  const config = tinyConfig(workspace, 'long', { methods: [], training: { iterations: 100_000 } });
  const { child, ended } = distill(workspace, 'train', config);
  await checkpointed(workspace, child, () => true);
  child.kill('SIGINT');
  const { status, out } = await ended;
  assert.equal(status, 130);
  assert.match(out, /Stopping after this step/);
  assert.match(out, /long: stopped at student step \d+\/100000/);
  const run = await newest(workspace);
  assert.match(out, new RegExp(`distill train --resume ${run.id}`));
  assert.equal(listCheckpoints(run.folder)[0]?.step, run.step);
});

test('runs, report and validate', async () => {
  const workspace = tinyWorkspace();
  const config = tinyConfig(workspace, 'base', { methods: [], training: { iterations: 3 } });
  assert.equal((await distill(workspace, 'train', config, '--quiet').ended).status, 0);
  const list = await distill(workspace, 'runs').ended;
  assert.match(
    list.out,
    /-base +finished +baseline +deeplabv3-resnet18 x0\.0625 +student 3\/3 +\d+\.\d % +-/,
  );

  const report = await distill(workspace, 'report', 'base', '-o', 'out/report.html').ended;
  assert.equal(report.status, 0, report.err);
  assert.match(readFileSync(join(workspace, 'out/report.html'), 'utf8'), /<h1>Distillation report<\/h1>/);

  const bad = join(workspace, 'bad.distill.json');
  writeFileSync(bad, '{\n  "dataset": { "kind": "folder", "root": "data" },\n  "speed": 9\n}\n');
  const study = join(workspace, 'seeds.study.yaml');
  writeFileSync(study, 'name: seeds\nbase: base.distill.json\nseeds: [1, 2, 3]\narms: [{ name: alone }]\n');
  const check = await distill(workspace, 'validate', config, bad, study).ended;
  assert.equal(check.status, 1);
  assert.match(check.out, /seeds\.study\.yaml: can be trained: 1 arm x 3 seeds/);
  assert.match(check.out, /base\.distill\.json: can be trained/);
  assert.match(check.err, /bad\.distill\.json:3:3: .*speed/);
});
