import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { latestCheckpoint, listCheckpoints } from '../../../src/run/checkpoints';
import { JournalWriter, readJournal } from '../../../src/run/journal';
import { RunLockHolder } from '../../../src/run/lock';
import { writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { runTypeScript } from '../../lib/run-typescript';
import { manifestOf, step, temporaryFolder } from './fixtures';

test('a writer killed at any moment leaves a crashed run with everything whole', async () => {
  const workspace = temporaryFolder();
  for (let round = 0; round < 4; round++) {
    const { id, folder } = createRunFolder(workspace, 'killed');
    writeManifest(folder, manifestOf(id));
    const child = fork(join(__dirname, 'writer-child.ts'), [folder], {
      execArgv: runTypeScript,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    assert.equal((await RunReader.open(folder)).summary().status, 'running');
    assert.throws(() => RunLockHolder.acquire(folder), { code: 'run-locked' });
    while (listCheckpoints(folder).length < 2) await pause(5);
    await pause(13 * round);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const raw = readFileSync(join(folder, 'journal.jsonl'), 'utf8');
    const wholeLines = raw.split('\n').length - 1;
    assert.ok(wholeLines > 0, 'the child wrote nothing');
    const reader = await RunReader.open(folder);
    assert.equal(reader.summary().status, 'crashed');
    assert.equal(reader.events.length, wholeLines);
    assert.equal(reader.damagedLines, 0);

    const lock = RunLockHolder.acquire(folder);
    const journal = new JournalWriter(folder);
    journal.append(step(wholeLines + 1));
    journal.close();
    lock.release();
    const { events, damaged } = await readJournal(folder);
    assert.equal(damaged, 0);
    assert.deepEqual(
      events.map((e) => (e.kind === 'step' ? e.step : e.kind)),
      Array.from({ length: wholeLines + 1 }, (_, i) => i + 1),
    );

    // The child writes one at every third step, and at most the one it was busy with can be missing.
    const { checkpoint, damaged: damagedCheckpoints } = latestCheckpoint(folder);
    assert.deepEqual(damagedCheckpoints, []);
    assert.ok(checkpoint && checkpoint.step >= wholeLines - 5, `${checkpoint?.step} of ${wholeLines}`);
    assert.deepEqual(JSON.parse(Buffer.from(checkpoint.files['state.json']!).toString()), {
      n: checkpoint.step,
    });
    assert.equal(checkpoint.files['9.safetensors']![299_999], checkpoint.step % 251);
  }
});
