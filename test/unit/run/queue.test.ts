import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeManifest } from '../../../src/run/manifest';
import {
  append,
  change,
  changeQueue,
  fateOf,
  hold,
  move,
  newEntry,
  nextOf,
  ownQueue,
  queueFolder,
  readQueue,
  remove,
} from '../../../src/run/queue';
import { createRunFolder } from '../../../src/run/run-folder';
import { runTypeScript } from '../../lib/run-typescript';
import { manifestOf, temporaryFolder } from './fixtures';

const entry = (name: string) =>
  newEntry({ name, configFile: `/w/${name}.distill.json`, configText: `{ "name": "${name}" }` });

async function filled(...names: string[]) {
  const workspace = temporaryFolder();
  for (const name of names) await changeQueue(workspace, append(entry(name)));
  const names_ = () => readQueue(workspace).entries.map(({ name }) => name);
  const id = (name: string) => readQueue(workspace).entries.find((e) => e.name === name)!.id;
  return { workspace, names: names_, id };
}

test('a queue is kept in order, survives, and is rearranged', async () => {
  const { workspace, names, id } = await filled('a', 'b', 'c');
  assert.deepEqual(names(), ['a', 'b', 'c']);
  await changeQueue(workspace, move(id('c'), -1));
  assert.deepEqual(names(), ['a', 'c', 'b']);
  await changeQueue(workspace, move(id('a'), -1));
  await changeQueue(workspace, move(id('b'), 1));
  assert.deepEqual(names(), ['a', 'c', 'b'], 'the first and the last stay where they are');
  await changeQueue(workspace, change(id('a'), { startingAt: 5 }));
  await changeQueue(workspace, move(id('c'), -1));
  assert.deepEqual(names(), ['a', 'c', 'b'], 'nothing gets before what is being started');
  await changeQueue(workspace, remove(id('c')));
  assert.deepEqual(names(), ['a', 'b']);
});

test('the next is the first without a problem, and none while the queue is held', async () => {
  const { workspace, id } = await filled('a', 'b');
  assert.equal(nextOf(readQueue(workspace))?.name, 'a');
  await changeQueue(workspace, change(id('a'), { problem: 'no such dataset' }));
  assert.equal(nextOf(readQueue(workspace))?.name, 'b');
  await changeQueue(workspace, hold(true));
  assert.equal(nextOf(readQueue(workspace)), undefined);
  await changeQueue(workspace, hold(false));
  await changeQueue(workspace, change(id('a'), { problem: undefined }));
  assert.equal(nextOf(readQueue(workspace))?.name, 'a');
});

test('changes of several processes at once all count', async () => {
  const workspace = temporaryFolder();
  const script = `
    import { append, changeQueue, newEntry } from ${JSON.stringify(join(__dirname, '../../../src/run/queue.ts'))};
    (async () => {
      for (let i = 0; i < 5; i++)
        await changeQueue(${JSON.stringify(workspace)}, append(newEntry({ name: process.argv[2] + i, configFile: '/a', configText: '' })));
    })();`;
  const file = join(workspace, 'add.ts');
  writeFileSync(file, script);
  const children = ['x', 'y'].map((name) =>
    spawn(process.execPath, [...runTypeScript, file, name], {
      stdio: 'inherit',
      cwd: join(__dirname, '../../..'),
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  assert.deepEqual(codes, [0, 0]);
  const names = readQueue(workspace).entries.map(({ name }) => name);
  const expected = ['x', 'y'].flatMap((name) => [0, 1, 2, 3, 4].map((i) => name + i));
  assert.deepEqual([...names].sort(), expected);
});

test('one process owns a queue; when it is gone another takes over', async () => {
  const workspace = temporaryFolder();
  const mine = ownQueue(workspace);
  assert.ok(mine);
  assert.equal(ownQueue(workspace), undefined);
  mine.release();
  const again = ownQueue(workspace);
  assert.ok(again);
  again.release();
  // The lock of a process that ended without letting go.
  const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
  mkdirSync(queueFolder(workspace), { recursive: true });
  const stale = { pid, host: (await import('node:os')).hostname(), startedAt: 1 };
  writeFileSync(join(queueFolder(workspace), 'lock.json'), JSON.stringify(stale));
  const taken = ownQueue(workspace);
  assert.ok(taken);
  taken.release();
});

test('an entry whose start a window began before it went away is not started twice and not lost', async () => {
  const { workspace, id } = await filled('a');
  const begunAt = Date.now();
  await changeQueue(workspace, change(id('a'), { startingAt: begunAt }));
  const [waiting] = readQueue(workspace).entries;
  assert.equal(fateOf(workspace, waiting!, begunAt + 1_000), 'wait', 'its worker may still be at it');
  assert.equal(fateOf(workspace, waiting!, begunAt + 600_000), 'lost');
  const made = (name: string, createdAt: number, configText: string) => {
    const { id: run, folder } = createRunFolder(workspace, name);
    writeManifest(folder, manifestOf(run, { createdAt, configText, configFile: waiting!.configFile }));
  };
  made('earlier', begunAt - 5_000, waiting!.configText);
  made('other', begunAt + 5_000, '{ "name": "changed" }');
  assert.equal(fateOf(workspace, waiting!, begunAt + 600_000), 'lost', 'neither is its run');
  made('own', begunAt + 5_000, waiting!.configText);
  assert.equal(fateOf(workspace, waiting!, begunAt + 600_000), 'begun');
});

test('a queue that cannot be understood is put beside, not overwritten', async () => {
  const { workspace, names } = await filled('a');
  writeFileSync(join(queueFolder(workspace), 'queue.json'), '{"version":1,"entries":[');
  assert.deepEqual(names(), []);
  await changeQueue(workspace, append(entry('b')));
  assert.deepEqual(names(), ['b']);
  const [aside] = readdirSync(queueFolder(workspace)).filter((name) => name.includes('damaged'));
  assert.equal(readFileSync(join(queueFolder(workspace), aside!), 'utf8'), '{"version":1,"entries":[');
});
