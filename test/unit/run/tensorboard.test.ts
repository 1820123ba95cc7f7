import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { JournalWriter } from '../../../src/run/journal';
import { writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { crc32c, maskedCrc32c } from '../../../src/run/tensorboard/crc32c';
import { exportTensorboard } from '../../../src/run/tensorboard/export';
import { record, scalarEvent } from '../../../src/run/tensorboard/records';
import { evaluation, manifestOf, stage, step, temporaryFolder } from './fixtures';

function writtenRun(): string {
  const { id, folder } = createRunFolder(temporaryFolder(), 'tb');
  writeManifest(folder, manifestOf(id, { status: 'finished', createdAt: 1_700_000_000_000 }));
  const journal = new JournalWriter(folder);
  journal.append(stage('student'));
  for (let n = 1; n <= 3; n++) journal.append(step(n));
  journal.append(evaluation(3, 'student', 0.5));
  journal.close();
  return folder;
}

test('CRC-32C of the examples of RFC 3720, appendix B.4', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

test('a record is length, checksum, data, checksum', () => {
  const data = scalarEvent(1000, 300, [{ tag: 'a', value: 0.5 }]);
  const bytes = record(data);
  assert.equal(bytes.readBigUInt64LE(0), BigInt(data.length));
  assert.equal(bytes.readUInt32LE(8), maskedCrc32c(bytes.subarray(0, 8)));
  assert.deepEqual(bytes.subarray(12, -4), data);
  assert.equal(bytes.readUInt32LE(bytes.length - 4), maskedCrc32c(data));
  // wall_time 1.0; step 300 as a varint of two bytes; summary { value { tag: "a" simple_value: 0.5 } }.
  assert.equal(
    data.toString('hex'),
    '09000000000000f03f' + '10ac02' + '2a0a' + '0a08' + '0a0161' + '150000003f',
  );
});

test('a file that was written before is replaced, not added to', async () => {
  const folder = writtenRun();
  const first = await exportTensorboard(folder);
  const before = readFileSync(first);
  assert.equal(await exportTensorboard(folder), first);
  assert.deepEqual(readFileSync(first), before);
  assert.equal(readdirSync(folder).filter((name) => name.includes('tfevents')).length, 1);
});

const python = process.env.TENSORBOARD_PYTHON ?? '/tmp/tensorboard-venv/bin/python';
const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1]); a.Reload()
print(json.dumps({t: [[e.step, e.value, e.wall_time] for e in a.Scalars(t)] for t in a.Tags()['scalars']}))
`;

test('TensorBoard itself reads every scalar back', async (t) => {
  try {
    execFileSync(python, ['-c', 'import tensorboard'], { stdio: 'ignore' });
  } catch {
    t.diagnostic(
      `NOT CHECKED WITH TENSORBOARD: there is none for ${python}. Set TENSORBOARD_PYTHON to a Python that has it (pip install tensorboard).`,
    );
    return;
  }
  const file = await exportTensorboard(writtenRun());
  const read = JSON.parse(execFileSync(python, ['-c', script, join(file, '..')], { encoding: 'utf8' }));
  assert.deepEqual(
    read['student/loss'].map(([n, value]: number[]) => [n, value]),
    [1, 2, 3].map((n) => [n, Math.fround(1 / n)]),
  );
  assert.deepEqual(read['student/loss/task'].length, 3);
  assert.deepEqual(read['student/student mIoU'], [[3, 0.5, 6]]);
  assert.deepEqual(read['student/student IoU/road'], [[3, 0.5, 6]]);
});
