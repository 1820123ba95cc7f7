import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, RunLockHolder, readLock } from '../../../src/run/lock';
import { temporaryFolder } from './fixtures';

/** A pid that existed a moment ago and does no more. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

test('one writer at a time; released, the next may come', () => {
  const folder = temporaryFolder();
  const lock = RunLockHolder.acquire(folder);
  assert.equal(readLock(folder)?.pid, process.pid);
  assert.ok(isAlive(readLock(folder)!));
  assert.throws(() => RunLockHolder.acquire(folder), {
    code: 'run-locked',
    message: new RegExp(`Process ${process.pid} is training this run\\. Stop it first`),
  });
  lock.release();
  assert.ok(!existsSync(join(folder, 'lock.json')));
  RunLockHolder.acquire(folder).release();
  assert.deepEqual(readdirSync(folder), []);
});

test('the lock of a process that is gone is taken over', async () => {
  const folder = temporaryFolder();
  const stale = { pid: await endedPid(), host: hostname(), startedAt: 12345 };
  writeFileSync(join(folder, 'lock.json'), JSON.stringify(stale));
  assert.equal(isAlive(stale), false);
  RunLockHolder.acquire(folder);
  assert.equal(readLock(folder)?.pid, process.pid);
});

test('a reused pid is not mistaken for the worker', () => {
  const folder = temporaryFolder();
  RunLockHolder.acquire(folder);
  const mine = readLock(folder)!;
  assert.equal(isAlive(mine), true);
  if (process.platform !== 'win32') {
    assert.ok(mine.startedAt > 0);
    assert.equal(isAlive({ ...mine, startedAt: mine.startedAt - 100_000 }), false);
  }
  if (process.platform === 'linux') assert.equal(isAlive({ ...mine, boot: 'another boot' }), false);
});

test('a process on another machine counts as alive, and the remedy says what to do', () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'lock.json'),
    JSON.stringify({ pid: 1, host: 'elsewhere.example', startedAt: 1 }),
  );
  assert.throws(() => RunLockHolder.acquire(folder), {
    code: 'run-locked',
    message: /Process 1 on elsewhere\.example.*delete lock\.json/,
  });
});

test('a lock that cannot be understood holds nobody up', () => {
  const folder = temporaryFolder();
  for (const text of ['', '{"pid":', '[]', '{"pid":-4,"host":"x","startedAt":1}']) {
    writeFileSync(join(folder, 'lock.json'), text);
    assert.equal(readLock(folder), undefined);
    RunLockHolder.acquire(folder).release();
  }
});
