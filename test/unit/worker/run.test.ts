import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../../src/protocol/events';
import { latestCheckpoint, listCheckpoints } from '../../../src/run/checkpoints';
import { RunLockHolder } from '../../../src/run/lock';
import { readManifest } from '../../../src/run/manifest';
import { isRequested, listRunFolders, makeRequest, withdrawRequest } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { readSample } from '../../../src/run/samples';
import { type RunListeners, type RunOutcome, runTraining } from '../../../src/worker/run';
import { imageFile, tinyConfig, tinyWorkspace } from './tiny';

function finalWeights({ folder }: RunOutcome): Uint8Array {
  const { checkpoint } = latestCheckpoint(folder);
  return Uint8Array.from(checkpoint!.files['student.safetensors']!);
}

/** Fails with the run's own error, which says more than that the status is another. */
function finished(outcome: RunOutcome): RunOutcome {
  if (outcome.error) throw outcome.error;
  assert.equal(outcome.status, 'finished');
  return outcome;
}

/** Listeners that ask for a stop once a step of a stage is done. */
function stopAfter(stage: string, step: number): RunListeners {
  let stop = false;
  return {
    onEvent: (event) => {
      stop ||= event.kind === 'step' && event.stage === stage && event.step === step;
    },
    stopRequested: () => stop,
  };
}

test('a run writes down everything: manifest, both stages, scores, pictures, checkpoints, best weights', async (t) => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'kd');
  const connect = t.mock.method(Socket.prototype, 'connect');
  const heard: RunEvent[] = [];
  let created: { id: string; folder: string } | undefined;
  const { status, folder } = await runTraining(
    { configFile, workspace },
    {
      onCreated: (run) => {
        created = run;
      },
      onEvent: (event) => heard.push(event),
    },
  );
  assert.equal(status, 'finished');
  assert.equal(connect.mock.callCount(), 0, 'and asks nothing of any network');
  assert.equal(created?.folder, folder);
  assert.deepEqual(listRunFolders(workspace), [folder]);

  const reader = await RunReader.open(folder);
  assert.deepEqual(reader.events, heard);
  const { manifest } = reader;
  assert.equal(manifest.status, 'finished');
  assert.equal(manifest.configText, readFileSync(configFile, 'utf8'));
  assert.equal(manifest.name, 'kd');
  assert.deepEqual(manifest.methods, ['kd']);
  assert.equal(manifest.engine.name, 'wasm');
  assert.ok(manifest.deviations.some((text) => text.includes('training.batch is 2')));
  assert.deepEqual(
    manifest.classes.map((c) => c.name),
    ['ground', 'sky'],
  );

  const steps = heard.flatMap((e) => (e.kind === 'step' ? [`${e.stage} ${e.step}`] : []));
  assert.deepEqual(
    steps,
    [1, 2, 3, 4].map((n) => `teacher ${n}`).concat([1, 2, 3, 4, 5, 6].map((n) => `student ${n}`)),
  );
  const summary = reader.summary();
  assert.equal(summary.progress, 1);
  assert.ok(summary.bestStudentMiou !== undefined && summary.bestTeacherMiou !== undefined);
  for (const event of heard)
    if (event.kind === 'sample') assert.ok((await readSample(folder, event)).length >= 3);
  assert.deepEqual(
    listCheckpoints(folder).map((c) => c.name),
    ['student-000006', 'student-000004'],
  );
  for (const role of ['teacher', 'student'])
    assert.ok(existsSync(join(folder, 'checkpoints', 'best', `${role}.safetensors`)));
  assert.ok(!existsSync(join(folder, 'lock.json')));
});

test('stopped in either stage and resumed, a run ends with the weights of an uninterrupted one', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'kd');
  const whole = finalWeights(await runTraining({ configFile, workspace }, {}));
  for (const [stage, step] of [
    ['teacher', 3],
    ['student', 3],
  ] as const) {
    const stopped = await runTraining({ configFile, workspace }, stopAfter(stage, step));
    assert.equal(stopped.status, 'stopped');
    const { checkpoint } = latestCheckpoint(stopped.folder);
    assert.deepEqual([checkpoint?.stage, checkpoint?.step], [stage, step]);
    const resumed = finished(await runTraining({ resume: stopped.folder }, {}));
    assert.deepEqual(finalWeights(resumed), whole);
    const reader = await RunReader.open(stopped.folder);
    assert.equal(reader.summary().status, 'finished');
    const students = reader.events.flatMap((e) =>
      e.kind === 'step' && e.stage === 'student' ? [e.step] : [],
    );
    assert.deepEqual(students, [1, 2, 3, 4, 5, 6]);
  }
});

test('the file `stop` in the run folder stops a run, whoever wrote it, and does not stop the next', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'long', { methods: [], training: { iterations: 100_000 } });
  let folder = '';
  const { status } = await runTraining(
    { configFile, workspace },
    {
      onCreated: (run) => {
        folder = run.folder;
      },
      onEvent: (event) => event.kind === 'step' && event.step === 2 && makeRequest(folder, 'stop'),
    },
  );
  assert.equal(status, 'stopped');
  assert.equal(isRequested(folder, 'stop'), false);
});

test('a paused run rests after a checkpoint, says so to others, and goes on as if nothing had been', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'paused', { training: { checkpointEvery: 100 } });
  const whole = finalWeights(finished(await runTraining({ configFile, workspace }, {})));

  let folder = '';
  const seen: string[] = [];
  const look = async () => {
    const reader = await RunReader.open(folder);
    seen.push(reader.summary().status);
    assert.equal(latestCheckpoint(folder).checkpoint?.step, 2, 'what it has is on the disk');
    withdrawRequest(folder, 'pause');
  };
  const outcome = await runTraining(
    { configFile, workspace },
    {
      onCreated: (run) => {
        folder = run.folder;
      },
      onEvent: (event) => {
        if (event.kind === 'step' && event.stage === 'student' && event.step === 2) {
          makeRequest(folder, 'pause');
          // Requests are looked for every 200 ms; the steps of a test are quicker.
          busyFor(250);
        }
        if (event.kind === 'paused') void look();
      },
    },
  );
  assert.deepEqual(seen, ['paused']);
  assert.deepEqual(finalWeights(finished(outcome)), whole);
  const kinds = (await RunReader.open(folder)).events.map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === 'paused').length, 1);
  assert.equal(kinds.indexOf('continued'), kinds.indexOf('paused') + 1);
});

test('a paused run can be stopped, and is not paused when it is resumed', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'halted', { methods: [], training: { iterations: 30 } });
  let folder = '';
  const { status } = await runTraining(
    { configFile, workspace },
    {
      onCreated: (run) => {
        folder = run.folder;
        makeRequest(folder, 'pause');
      },
      onEvent: (event) => event.kind === 'paused' && makeRequest(folder, 'stop'),
    },
  );
  assert.equal(status, 'stopped');
  const outcome = await runTraining({ resume: folder }, {});
  assert.equal(outcome.status, 'finished');
});

/** Holds the process up: a training step that takes long. */
function busyFor(ms: number): void {
  for (const end = Date.now() + ms; Date.now() < end; );
}

test('what is trained is the text that was queued, not what the file says by now', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'queued', { methods: [], training: { iterations: 2 } });
  const configText = readFileSync(configFile, 'utf8');
  tinyConfig(workspace, 'queued', { methods: [], training: { iterations: 5 } });
  const folder = finished(await runTraining({ configFile, configText, workspace }, {})).folder;
  assert.equal(readManifest(folder).config.training.iterations, 2);
  assert.equal(readManifest(folder).configFile, configFile);
});

test('what cannot be trained is refused before there is a run', async () => {
  const workspace = tinyWorkspace();
  const refusals: [string, string, RegExp][] = [
    [join(workspace, 'none.distill.json'), 'io', /none\.distill\.json: There is no such file/],
    [
      tinyConfig(workspace, 'crop', { training: { crop: [20, 16] } }),
      'config-invalid',
      /crop\.distill\.json:\d+:\d+: /,
    ],
    [
      tinyConfig(workspace, 'root', { dataset: { kind: 'folder', root: 'nowhere' } }),
      'dataset-missing',
      /nowhere/,
    ],
    [
      tinyConfig(workspace, 'weights', { student: { checkpoint: 'lost.safetensors' } }),
      'checkpoint-missing',
      /lost\.safetensors/,
    ],
    [
      tinyConfig(workspace, 'both', { methods: [{ kind: 'rdd' }, { kind: 'rdd' }] }),
      'config-invalid',
      /both|rdd/,
    ],
  ];
  for (const [configFile, code, message] of refusals)
    await assert.rejects(runTraining({ configFile, workspace }, {}), { code, message }, configFile);
  assert.deepEqual(listRunFolders(workspace), []);
});

test('what goes wrong on the way ends the run as failed, says why, and keeps everything', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'broken', {
    methods: [],
    training: { iterations: 50, evaluateEvery: 50, sampleEvery: 50 },
  });
  const { status, error, folder } = await runTraining(
    { configFile, workspace },
    {
      onEvent: (event) => {
        if (event.kind === 'checkpoint')
          for (let i = 0; i < 6; i++) truncateSync(imageFile(workspace, 'train', i), 60);
      },
    },
  );
  assert.equal(status, 'failed');
  assert.match(error!.message, /images\/train\/\d\.png/);
  const reader = await RunReader.open(folder);
  const end = reader.events.at(-1);
  assert.ok(end?.kind === 'end' && end.status === 'failed' && end.code === 'image-unreadable');
  assert.equal(end.error, error!.message);
  assert.equal(reader.manifest.status, 'failed');
  assert.equal(reader.manifest.error, error!.message);
  assert.equal(latestCheckpoint(folder).checkpoint?.step, 2);
  assert.ok(!existsSync(join(folder, 'lock.json')));
});

test('a finished run, a locked run and a run whose configuration is gone', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'a', { methods: [], training: { iterations: 2 } });
  const { folder } = await runTraining({ configFile, workspace }, {});
  await assert.rejects(runTraining({ resume: folder }, {}), { code: 'usage', message: /finished/ });

  const { folder: stopped } = await runTraining({ configFile, workspace }, stopAfter('student', 1));
  const lock = RunLockHolder.acquire(stopped);
  await assert.rejects(runTraining({ resume: stopped }, {}), { code: 'run-locked' });
  lock.release();
  rmSync(configFile);
  // Asked for while nobody trained: no reason to end the next one.
  makeRequest(stopped, 'stop');
  finished(await runTraining({ resume: stopped }, {}));
});

test('a run that broke before its first checkpoint, or whose checkpoints are all damaged, begins again', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'a', { methods: [] });
  const whole = finalWeights(await runTraining({ configFile, workspace }, {}));
  const stopped = await runTraining({ configFile, workspace }, stopAfter('student', 3));
  for (const { name } of listCheckpoints(stopped.folder))
    writeFileSync(join(stopped.folder, 'checkpoints', name, 'state.json'), '{');
  const resumed = finished(await runTraining({ resume: stopped.folder }, {}));
  assert.deepEqual(finalWeights(resumed), whole);
  const { events } = await RunReader.open(stopped.folder);
  assert.equal(events.filter((e) => e.kind === 'warning' && /state\.json/.test(e.message)).length, 2);
});

/** A file system of 2 MB, where mounting is allowed. */
function smallDisk(parent: string): string | undefined {
  const folder = join(parent, 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    return undefined;
  }
}

const place = tinyWorkspace();
const disk = smallDisk(place);
if (disk)
  test('a disk that fills up while training: the run says so, and goes on when there is space', async () => {
    try {
      const workspace = disk;
      const configFile = tinyConfig(place, 'disk', { methods: [], training: { iterations: 12 } });
      const ballast = join(disk, 'ballast');
      const full = await runTraining(
        { configFile, workspace },
        {
          onEvent: (event) => {
            if (event.kind !== 'checkpoint' || event.step !== 4) return;
            try {
              writeFileSync(ballast, new Uint8Array(4 * 1024 * 1024));
            } catch {
              // As full as can be.
            }
          },
        },
      );
      assert.equal(full.status, 'failed');
      assert.match(full.error!.message, /The disk is full\. Free some space and resume/);
      assert.equal(latestCheckpoint(full.folder).checkpoint?.step, 4);
      rmSync(ballast);
      const resumed = finished(await runTraining({ resume: full.folder }, {}));
      const whole = await runTraining({ configFile, workspace: place }, {});
      assert.deepEqual(finalWeights(resumed), finalWeights(whole));
    } finally {
      execFileSync('umount', [disk]);
    }
  });
