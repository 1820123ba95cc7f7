import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { latestCheckpoint, writeCheckpoint } from '../../../src/run/checkpoints';
import { JournalWriter, readJournal } from '../../../src/run/journal';
import { readManifest, updateManifest, writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { writeSample } from '../../../src/run/samples';
import { manifestOf, step, temporaryFolder } from './fixtures';

const checkpoint = (number: number, bytes = 60_000) => ({
  stage: 'student' as const,
  step: number,
  files: { 'student.safetensors': new Uint8Array(bytes).fill(number) },
});

/** A real file system of 256 kB where mounting is allowed. */
function tinyDisk(): { folder: string; unmount: () => void } | undefined {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { folder, unmount: () => execFileSync('umount', [folder]) };
}

/** Makes every write fail half way, as a full disk does, until `restore`. */
function fillInjected(): { restore: () => void } {
  const real = fs.writeSync;
  const injected = mock.method(fs, 'writeSync', ((descriptor, data, offset, length, position) => {
    const half = Math.floor((length as number) / 2);
    if (half > 0 && injected.mock.callCount() % 2 === 0)
      return real(descriptor, data as Uint8Array, offset, half, position as number);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }) as typeof fs.writeSync);
  return { restore: () => injected.mock.restore() };
}

async function keepsEverything(disk: string, fill: () => { free: () => void }): Promise<void> {
  const { id, folder } = createRunFolder(disk, 'full');
  writeManifest(folder, manifestOf(id));
  const manifest = readFileSync(join(folder, 'run.json'));
  const journal = new JournalWriter(folder);
  journal.append(step(1));
  writeCheckpoint(folder, checkpoint(1));

  const full = { code: 'disk-full', message: /The disk is full\. Free some space and resume/ };
  const { free } = fill();
  assert.throws(() => writeCheckpoint(folder, checkpoint(2)), full);
  assert.throws(() => updateManifest(folder, { name: 'x'.repeat(50_000) }), full);
  const data = new Uint8Array(60_000);
  const layer = {
    name: 'student' as const,
    dtype: 'uint8' as const,
    height: 200,
    width: 300,
    channels: 1,
    data,
  };
  assert.throws(() => writeSample(folder, { stage: 'student', step: 2, id: 'a', layers: [layer] }), full);
  const torn = { kind: 'warning' as const, at: 1, message: 'x'.repeat(50_000) };
  assert.throws(() => journal.append(torn), full);
  free();

  assert.deepEqual(readFileSync(join(folder, 'run.json')), manifest);
  assert.equal(readManifest(folder).id, id);
  assert.equal(readFileSync(join(folder, 'journal.jsonl'), 'utf8'), `${JSON.stringify(step(1))}\n`);
  const { checkpoint: kept, damaged } = latestCheckpoint(folder);
  assert.equal(kept?.step, 1);
  assert.deepEqual(damaged, []);
  assert.deepEqual(readdirSync(join(folder, 'checkpoints')), ['student-000001']);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('.tmp')),
    [],
  );

  journal.append(step(2));
  journal.close();
  writeCheckpoint(folder, checkpoint(2));
  assert.deepEqual((await readJournal(folder)).events, [step(1), step(2)]);
  assert.equal(latestCheckpoint(folder).checkpoint?.step, 2);
}

test('a full disk: a clear error, and what was written before is intact (writes that fail half way)', () =>
  keepsEverything(temporaryFolder(), () => {
    const injected = fillInjected();
    return { free: injected.restore };
  }));

// Where mounting is not allowed the injected failures above stand alone.
const disk = tinyDisk();
if (disk)
  test('a full disk: a clear error, and what was written before is intact (a real full file system)', async () => {
    try {
      await keepsEverything(disk.folder, () => {
        const ballast = join(disk.folder, 'ballast');
        const { bavail, bsize } = statfsSync(disk.folder);
        // Leaves 8 kB, so that writes begin well and end badly.
        writeFileSync(ballast, new Uint8Array(bavail * bsize - 8192));
        return { free: () => rmSync(ballast) };
      });
    } finally {
      disk.unmount();
    }
  });
