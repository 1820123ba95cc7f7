import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerCommand, WorkerMessage } from '../../../src/protocol/worker';
import { RunReader } from '../../../src/run/run-reader';
import { runTypeScript } from '../../lib/run-typescript';
import { tinyConfig, tinyWorkspace } from './tiny';

function forkWorker(): {
  child: ChildProcess;
  messages: WorkerMessage[];
  send: (command: WorkerCommand) => void;
} {
  const child = fork(join(__dirname, '../../../src/worker/main.ts'), [], {
    execArgv: runTypeScript,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const messages: WorkerMessage[] = [];
  child.on('message', (message) => messages.push(message as WorkerMessage));
  return { child, messages, send: (command) => void child.send(command) };
}

async function created(messages: WorkerMessage[], child: ChildProcess): Promise<string> {
  for (;;) {
    const message = messages.find((m) => m.kind === 'created');
    if (message) return message.runFolder;
    assert.equal(child.exitCode, null, JSON.stringify(messages));
    await pause(20);
  }
}

test('a worker tells of its run and ends with it', async () => {
  const workspace = tinyWorkspace();
  const { child, messages, send } = forkWorker();
  send({ kind: 'start', configFile: tinyConfig(workspace, 'a', { methods: [] }), workspace });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  const kinds = messages.map((m) => m.kind);
  assert.equal(kinds[0], 'created');
  assert.equal(kinds[1], 'progress');
  assert.deepEqual(messages.at(-1), { kind: 'ended', status: 'finished' });
});

test('a worker stops when it is asked to, with a checkpoint, and another goes on', async () => {
  const workspace = tinyWorkspace();
  const configFile = tinyConfig(workspace, 'a', { methods: [], training: { iterations: 100_000 } });
  const first = forkWorker();
  first.send({ kind: 'start', configFile, workspace });
  const runFolder = await created(first.messages, first.child);
  first.send({ kind: 'stop' });
  assert.deepEqual(await once(first.child, 'exit'), [0, null]);
  assert.deepEqual(first.messages.at(-1), { kind: 'ended', status: 'stopped' });
  const { step } = (await RunReader.open(runFolder)).summary();

  const second = forkWorker();
  second.send({ kind: 'resume', runFolder });
  assert.equal(await created(second.messages, second.child), runFolder);
  second.child.kill('SIGTERM');
  assert.deepEqual(await once(second.child, 'exit'), [0, null]);
  const summary = (await RunReader.open(runFolder)).summary();
  assert.equal(summary.status, 'stopped');
  assert.ok(summary.step! > step!, `${summary.step} after ${step}`);
});

test('a worker goes on when the window that started it goes away', async () => {
  const workspace = tinyWorkspace();
  const { child, messages, send } = forkWorker();
  send({
    kind: 'start',
    configFile: tinyConfig(workspace, 'a', { training: { iterations: 20 } }),
    workspace,
  });
  const folder = await created(messages, child);
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal((await RunReader.open(folder)).summary().status, 'finished');
});

test('what cannot be trained is told, complete in itself; what goes wrong later is in the log of the run, too', async () => {
  const workspace = tinyWorkspace();
  const refused = forkWorker();
  refused.send({ kind: 'start', configFile: join(workspace, 'none.distill.json'), workspace });
  assert.deepEqual(await once(refused.child, 'exit'), [1, null]);
  const [error] = refused.messages;
  assert.ok(error?.kind === 'error' && error.code === 'io' && /none\.distill\.json/.test(error.message));

  const failing = forkWorker();
  const configFile = tinyConfig(workspace, 'nan', { methods: [], training: { lr: 1e30, iterations: 50 } });
  failing.send({ kind: 'start', configFile, workspace });
  const folder = await created(failing.messages, failing.child);
  assert.deepEqual(await once(failing.child, 'exit'), [1, null]);
  assert.deepEqual(failing.messages.at(-1), { kind: 'ended', status: 'failed' });
  const told = failing.messages.find((m) => m.kind === 'error');
  assert.ok(told?.kind === 'error' && told.code === 'numeric', JSON.stringify(told));
  assert.ok(existsSync(join(folder, 'worker.log')));
  assert.ok(readFileSync(join(folder, 'worker.log'), 'utf8').includes(told.message));
});

test('a worker without work ends with the process that started it', async () => {
  const { child } = forkWorker();
  child.send({ kind: 'dance' } as unknown as WorkerCommand);
  const [message] = (await once(child, 'message')) as [WorkerMessage];
  assert.ok(message.kind === 'error' && /not understood/.test(message.message));
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
