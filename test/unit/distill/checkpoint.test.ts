import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Checkpoint } from '../../../src/distill/host';
import { record, tinyConfig } from './support/runs';

const config = tinyConfig({ methods: [{ kind: 'kd' }], training: { iterations: 2, teacherIterations: 1 } });
let good: Checkpoint;
before(async () => {
  good = (await record(config, { stopAfter: 2 })).checkpoints.at(-1)!;
  assert.deepEqual([good.stage, good.step], ['student', 1]);
});

const text = (value: string) => new TextEncoder().encode(value);
const state = () => JSON.parse(new TextDecoder().decode(good.files['state.json']));
const replaced = (file: string, bytes: Uint8Array): Checkpoint => ({
  ...good,
  files: { ...good.files, [file]: bytes },
});
function without(file: string): Checkpoint {
  const { [file]: _gone, ...files } = good.files;
  return { ...good, files };
}

test('a damaged checkpoint is refused with the file and the reason', async () => {
  for (const [checkpoint, where] of [
    [replaced('state.json', text('{"version":1')), /student-1, state\.json.*not JSON/],
    [replaced('state.json', text('{"version":7}')), /student-1, state\.json/],
    [without('state.json'), /student-1, state\.json: The file is missing/],
    [without('teacher.safetensors'), /student-1, teacher\.safetensors: The file is missing/],
    [without('optimizer.safetensors'), /student-1, optimizer\.safetensors: The file is missing/],
    [
      replaced('student.safetensors', good.files['student.safetensors']!.slice(0, -40)),
      /student\.safetensors/,
    ],
  ] as const)
    await assert.rejects(record(config, { resumeFrom: checkpoint }), {
      code: 'checkpoint-broken',
      message: where,
    });
});

test('a checkpoint of another run is refused', async () => {
  const resume = (other: typeof config, checkpoint = good) => record(other, { resumeFrom: checkpoint });
  const mismatch = (message: RegExp) => ({ code: 'checkpoint-mismatch', message });
  await assert.rejects(
    resume({ ...config, methods: tinyConfig({ methods: [{ kind: 'cwd' }] }).methods }),
    mismatch(/methods \[kd\].*\[cwd\]/),
  );
  await assert.rejects(
    resume({ ...config, training: { ...config.training, iterations: 1 } }, { ...good, step: 2 }),
    mismatch(/step 2.*has 1/),
  );
  await assert.rejects(
    resume({ ...config, student: { ...config.student, width: 0.125 } }),
    mismatch(/teacher\.safetensors.*another network/),
  );
  const teacher = (await record(config, { stopAfter: 1 })).checkpoints.at(-1)!;
  await assert.rejects(
    resume(tinyConfig({ training: { iterations: 2 } }), {
      ...teacher,
      files: { ...teacher.files, 'state.json': text(JSON.stringify({ ...state(), methods: [] })) },
    }),
    mismatch(/teacher stage, which the configuration does not have/),
  );
});

test('a resumed run knows what was best before', async () => {
  const best = { student: { step: 1, miou: 0.999 } };
  const checkpoint = replaced('state.json', text(JSON.stringify({ ...state(), best })));
  const run = await record(config, { resumeFrom: checkpoint });
  assert.ok(run.events.some((event) => event.kind === 'evaluation' && event.role === 'student'));
  assert.deepEqual(run.best, []);
});

test('a finished run has nothing left to do', async () => {
  const whole = await record(config);
  const again = await record(config, { resumeFrom: whole.checkpoints.at(-1)! });
  assert.equal(again.outcome, 'finished');
  assert.deepEqual(again.events, []);
});
