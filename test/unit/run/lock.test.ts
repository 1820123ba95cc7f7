import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { endProcess, isAlive, RunLockHolder, readLock } from '../../../src/run/lock';
import { runTypeScript } from '../../lib/run-typescript';
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

test('the process that trains a run can be ended at once; one that may be another is left alone', async () => {
  const folder = temporaryFolder();
  const lock = join(__dirname, '../../../src/run/lock.ts');
  const script = `require(${JSON.stringify(lock)}).RunLockHolder.acquire(${JSON.stringify(folder)});
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, [...runTypeScript, '-e', script], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  try {
    while (!readLock(folder) && child.exitCode === null) await pause(20);
    const held = readLock(folder)!;
    writeFileSync(join(folder, 'lock.json'), JSON.stringify({ ...held, startedAt: 0 }));
    assert.throws(() => endProcess(folder), { code: 'run-locked', message: /cannot be told/ });
    writeFileSync(join(folder, 'lock.json'), JSON.stringify(held));
    endProcess(folder);
    assert.deepEqual(await exited, [null, 'SIGKILL']);
    // Asked again it finds nobody, and must not end whoever has that pid by then.
    endProcess(folder);
  } finally {
    child.kill('SIGKILL');
  }
});
