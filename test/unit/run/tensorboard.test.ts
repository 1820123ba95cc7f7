import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { JournalWriter } from '../../../src/run/journal';
import { writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { crc32c, maskedCrc32c } from '../../../src/run/tensorboard/crc32c';
import { exportTensorboard } from '../../../src/run/tensorboard/export';
import { record, scalarEvent } from '../../../src/run/tensorboard/records';
import { pythonWithTensorboard, withoutTensorboard } from '../../lib/tensorboard-home';
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

const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1]); a.Reload()
print(json.dumps({t: [[e.step, e.value, e.wall_time] for e in a.Scalars(t)] for t in a.Tags()['scalars']}))
`;

/** The scalars of `writtenRun` as [step, value, seconds]. */
function check(scalars: Record<string, number[][]>): void {
  assert.deepEqual(
    scalars['student/loss']!.map(([step, value]) => [step, value]),
    [1, 2, 3].map((step) => [step, Math.fround(1 / step)]),
  );
  assert.equal(scalars['student/loss/task']!.length, 3);
  assert.deepEqual(scalars['student/student mIoU'], [[3, 0.5, 6]]);
  assert.deepEqual(scalars['student/student IoU/road'], [[3, 0.5, 6]]);
}

test('the reader of TensorBoard gives every scalar back', { skip: withoutTensorboard }, async () => {
  const file = await exportTensorboard(writtenRun());
  const read = execFileSync(pythonWithTensorboard(), ['-c', script, dirname(file)], { encoding: 'utf8' });
  check(JSON.parse(read));
});

test('TensorBoard opens a run and serves every scalar', { skip: withoutTensorboard }, async () => {
  const folder = dirname(await exportTensorboard(writtenRun()));
  const server = spawn(
    pythonWithTensorboard(),
    // Among the runs of a workspace, as users start it.
    ['-m', 'tensorboard.main', '--logdir', dirname(folder), '--host', '127.0.0.1', '--port', '0'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const address = await new Promise<string>((found, fail) => {
      let said = '';
      server.stderr.on('data', (chunk) => {
        said += chunk;
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (url) found(url);
      });
      server.once('error', fail);
      server.once('exit', (code) => fail(new Error(`TensorBoard ended (${code}): ${said}`)));
    });
    const ask = async (path: string) => {
      const answer = await fetch(`${address}/data/plugin/scalars/${path}`);
      assert.equal(answer.status, 200, `${path}: ${answer.statusText}`);
      return await answer.json();
    };
    // It reads folders some time after it is up.
    const end = Date.now() + 60_000;
    let tags: Record<string, object> = {};
    while (Object.keys(tags).length === 0) {
      assert.ok(Date.now() < end, 'TensorBoard shows nothing of the run');
      tags = ((await ask('tags')) as Record<string, Record<string, object>>)[basename(folder)] ?? {};
      await new Promise((done) => setTimeout(done, 100));
    }
    const scalars: Record<string, number[][]> = {};
    for (const tag of Object.keys(tags)) {
      const query = new URLSearchParams({ run: basename(folder), tag });
      const points = (await ask(`scalars?${query}`)) as number[][];
      scalars[tag] = points.map(([seconds, step, value]) => [step!, value!, seconds!]);
    }
    check(scalars);
  } finally {
    server.kill('SIGKILL');
  }
});
