import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { latestCheckpoint, listCheckpoints, writeBest, writeCheckpoint } from '../../../src/run/checkpoints';
import { temporaryFolder } from './fixtures';

const at = (stage: 'teacher' | 'student', step: number) => ({
  stage,
  step,
  files: {
    'student.safetensors': Uint8Array.from({ length: 1000 }, (_, i) => i + step),
    'state.json': Buffer.from(JSON.stringify({ step })),
  },
});

test('the newest checkpoint comes back with its contents', () => {
  const run = temporaryFolder();
  assert.equal(latestCheckpoint(run).checkpoint, undefined);
  assert.equal(writeCheckpoint(run, at('teacher', 40)), 'checkpoints/teacher-000040');
  const { checkpoint, damaged } = latestCheckpoint(run);
  assert.deepEqual(damaged, []);
  assert.equal(checkpoint?.stage, 'teacher');
  assert.equal(checkpoint?.step, 40);
  assert.deepEqual(
    Object.fromEntries(Object.entries(checkpoint!.files).map(([k, v]) => [k, Uint8Array.from(v)])),
    Object.fromEntries(Object.entries(at('teacher', 40).files).map(([k, v]) => [k, Uint8Array.from(v)])),
  );
});

test('the last two are kept, and the student stage is later than the teacher stage', () => {
  const run = temporaryFolder();
  for (const step of [100, 200]) writeCheckpoint(run, at('teacher', step));
  writeCheckpoint(run, at('student', 50));
  assert.deepEqual(
    listCheckpoints(run).map((c) => c.name),
    ['student-000050', 'teacher-000200'],
  );
  writeBest(run, 'student', Uint8Array.of(1, 2, 3));
  writeCheckpoint(run, at('student', 1_000_000));
  writeCheckpoint(run, at('student', 999_999));
  assert.deepEqual(readdirSync(join(run, 'checkpoints')).sort(), [
    'best',
    'student-1000000',
    'student-999999',
  ]);
  assert.deepEqual([...readFileSync(join(run, 'checkpoints/best/student.safetensors'))], [1, 2, 3]);
});

test('half-written and damaged checkpoints are passed over, and named', () => {
  const run = temporaryFolder();
  const folder = join(run, 'checkpoints');
  writeCheckpoint(run, at('student', 10));
  mkdirSync(join(folder, '.writing-student-000030'));
  writeFileSync(join(folder, '.writing-student-000030', 'student.safetensors'), 'half');
  const damage: [string, (checkpoint: string) => void, RegExp][] = [
    ['truncated', (c) => truncateSync(join(c, 'student.safetensors'), 999), /999 bytes instead of 1000/],
    ['missing', (c) => rmSync(join(c, 'state.json')), /state\.json: The file is missing/],
    ['no index', (c) => rmSync(join(c, 'index.json')), /index\.json: The list/],
    ['changed', (c) => writeFileSync(join(c, 'student.safetensors'), new Uint8Array(1000)), /have changed/],
  ];
  for (const [name, break_, message] of damage) {
    writeCheckpoint(run, at('student', 20));
    break_(join(folder, 'student-000020'));
    const { checkpoint, damaged } = latestCheckpoint(run);
    assert.equal(checkpoint?.step, 10, name);
    assert.equal(damaged.length, 1, name);
    assert.equal(damaged[0]!.code, 'checkpoint-broken', name);
    assert.match(damaged[0]!.message, message, name);
  }
});

test('writing the same step again keeps a whole checkpoint and replaces a damaged one', () => {
  const run = temporaryFolder();
  writeCheckpoint(run, at('student', 20));
  writeCheckpoint(run, at('student', 20));
  assert.equal(latestCheckpoint(run).checkpoint?.step, 20);
  rmSync(join(run, 'checkpoints/student-000020/state.json'));
  writeCheckpoint(run, at('student', 20));
  assert.deepEqual(latestCheckpoint(run).damaged, []);
  assert.ok(existsSync(join(run, 'checkpoints/student-000020/state.json')));
  assert.deepEqual(readdirSync(join(run, 'checkpoints')), ['student-000020']);
});

test('an index cannot name a file outside of the checkpoint', () => {
  const run = temporaryFolder();
  writeCheckpoint(run, at('student', 20));
  writeFileSync(join(run, 'secret'), '');
  const empty = createHash('sha256').digest('hex');
  writeFileSync(
    join(run, 'checkpoints/student-000020/index.json'),
    JSON.stringify({
      version: 1,
      stage: 'student',
      step: 20,
      files: { '../../secret': { bytes: 0, sha256: empty } },
    }),
  );
  const { checkpoint, damaged } = latestCheckpoint(run);
  assert.equal(checkpoint, undefined);
  assert.equal(damaged[0]?.code, 'checkpoint-broken');
});
