import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { lockSetUp } from '../../../../src/engine/install/set-up-lock';
import { refused, scratch } from './support';

describe('the lock of a set-up', () => {
  const here = scratch();
  const file = () => here.path('setup.lock');
  const leave = (holder: object | string) =>
    writeFileSync(file(), typeof holder === 'string' ? holder : JSON.stringify(holder));

  it('lets one set-up in at a time', async () => {
    const release = lockSetUp(here.folder);
    await refused(
      () => lockSetUp(here.folder),
      'engine-unavailable',
      new RegExp(`Another set-up goes on \\(process ${process.pid}\\)\\. Wait`),
    );
    release();
    assert.ok(!existsSync(file()));
    lockSetUp(here.folder)();
    assert.deepEqual(readdirSync(here.folder), []);
  });

  it('is broken when its process is gone', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    leave({ pid: gone, host: hostname() });
    const release = lockSetUp(here.folder);
    assert.equal(JSON.parse(readFileSync(file(), 'utf8')).pid, process.pid);
    release();
    assert.deepEqual(readdirSync(here.folder), []);
  });

  it('is broken when nobody has touched it for long, whoever it was', async () => {
    for (const holder of [{ pid: process.pid, host: hostname() }, { pid: 1, host: 'elsewhere' }, 'half']) {
      leave(holder);
      await refused(() => lockSetUp(here.folder), 'engine-unavailable', /Another set-up goes on/);
      const old = new Date(Date.now() - 120_000);
      utimesSync(file(), old, old);
      lockSetUp(here.folder)();
    }
  });
});
