import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { DistillError, type ErrorCode } from '../../../../src/protocol/errors';

/** A folder for each test of a suite, removed after it; the environment is put back as well. */
export function scratch(): { readonly folder: string; path(...parts: string[]): string } {
  const state = { folder: '', path: (...parts: string[]) => join(state.folder, ...parts) };
  let saved: NodeJS.ProcessEnv;
  beforeEach(() => {
    saved = { ...process.env };
    state.folder = mkdtempSync(join(tmpdir(), 'distill-set-up-'));
    process.env.DISTILL_CACHE = join(state.folder, 'cache');
  });
  afterEach(() => {
    process.env = saved;
    rmSync(state.folder, { recursive: true, force: true });
  });
  return state;
}

export async function refused(
  promise: Promise<unknown> | (() => unknown),
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  const running = typeof promise === 'function' ? (async () => promise())() : promise;
  await assert.rejects(running, (error: unknown) => {
    assert.ok(error instanceof DistillError, String((error as Error)?.stack ?? error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
