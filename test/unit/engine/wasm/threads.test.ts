import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { runTypeScript } from '../../../lib/run-typescript';
import type { ThreadsReport } from './threads-program';

const PROGRAM = join(__dirname, 'threads-program.ts');
/** Long for what is done, short for a process that hangs. */
const PATIENCE_MS = 60_000;

async function report(task: string, env: Record<string, string>, ...flags: string[]): Promise<ThreadsReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...runTypeScript, ...flags, PROGRAM, task],
    { env: { ...process.env, ...env }, timeout: PATIENCE_MS },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as ThreadsReport;
}

describe('threads of the wasm engine', () => {
  it('give the same bits whatever their number, and end with the process', async () => {
    const reports = [];
    for (const count of ['1', '2', '3', '7']) reports.push(await report('once', { DISTILL_THREADS: count }));
    assert.match(reports[0]!.summary!, /one thread of the CPU\.$/);
    assert.match(reports[3]!.summary!, /7 threads of the CPU\.$/);
    assert.equal(new Set(reports.map(({ hash }) => hash)).size, 1);
    assert.match(reports[0]!.hash!, /^[0-9a-f]{64}$/);
  });

  it('do not have to start: one is enough, and the engine says why', async () => {
    const alone = await report(
      'once',
      { DISTILL_THREADS: '4' },
      '--require',
      join(__dirname, 'no-workers.cjs'),
    );
    assert.match(alone.summary!, /one thread of the CPU\. Others did not start: not allowed here\.$/);
    const together = await report('once', { DISTILL_THREADS: '2' });
    assert.equal(alone.hash, together.hash);
  });

  it('are killed with a process that is busy', async () => {
    const child = spawn(process.execPath, [...runTypeScript, PROGRAM, 'for ever'], {
      env: { ...process.env, DISTILL_THREADS: '3' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const [, signal] = await once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
    assert.equal(signal, 'SIGTERM');
  });

  it('are refused in plain words if their number is none', async () => {
    const { code, message } = await report('once', { DISTILL_THREADS: 'many' });
    assert.equal(code, 'usage');
    assert.match(
      message!,
      /DISTILL_THREADS: many is no number of threads\. Give a whole number from 1 to 32/,
    );
  });

  it('leave a full heap to be told of in plain words', async () => {
    const { code, message } = await report('fill', { DISTILL_THREADS: '2' });
    assert.equal(code, 'engine-memory');
    assert.match(
      message!,
      /holds \d+ MiB and needs 256 MiB more: .*\. Use a smaller "training\.batch" or "training\.crop"/,
    );
  });
});
