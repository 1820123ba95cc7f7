// One end-to-end session: a workspace of its own, the packaged extension in a VS Code server, a page that shows it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { launch, offlineContext } from './browser.mjs';
import { endWorkers } from './run-folders.mjs';
import { startServer } from './server.mjs';
import { VSIX } from './targets.mjs';
import { openWorkbench } from './workbench.mjs';

const root = resolve(import.meta.dirname, '../..');
const shots = join(root, 'test-results', process.env.VSCODE_E2E_TARGET ?? 'current');

/**
 * A configuration that trains in seconds on the embedded engine: everything is small, nothing is left out.
 * @param {object[]} methods
 * @param {object} [training] overrides
 */
export function tinyConfig(methods, training = {}) {
  return {
    dataset: { kind: 'sample' },
    methods,
    student: { width: 0.125 },
    engine: 'wasm',
    training: {
      iterations: 24,
      teacherIterations: 12,
      batch: 2,
      crop: [32, 32],
      evaluateEvery: 12,
      evaluateImages: 2,
      checkpointEvery: 6,
      sampleEvery: 4,
      ...training,
    },
  };
}

/**
 * @param {Record<string, object | string>} files of the workspace: JSON or text by name
 * @param {{settings?: object, untrusted?: boolean, prepare?: (workspace: string) => void}} [options] `prepare`: puts more
 *   into the workspace before it is opened
 */
export async function openSession(files, { settings, untrusted, prepare } = {}) {
  assert.ok(existsSync(VSIX), `${VSIX} is missing: npm run package`);
  const workspace = mkdtempSync(join(tmpdir(), 'distillation-e2e-'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(
      join(workspace, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  prepare?.(workspace);
  let server;
  let browser;
  async function close() {
    endWorkers(workspace);
    await browser?.close();
    await server?.stop();
    rmSync(workspace, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  try {
    // Not with --enable-smoke-test-driver: under it VS Code shows no notifications.
    server = await startServer({ vsix: [VSIX], settings, untrusted });
    browser = await launch();
    const { context, blocked } = await offlineContext(browser);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await openWorkbench(page, server, workspace);
    mkdirSync(shots, { recursive: true });
    const shot = (name) => page.screenshot({ path: join(shots, `${name}.png`) });
    return { workspace, server, page, context, blocked, errors, shot, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Tests over a session, each of which leaves a picture of the screen when it fails.
 * @param {() => Awaited<ReturnType<typeof openSession>>} session
 * @param {number} timeout of each, in milliseconds
 */
export function testsOf(session, timeout) {
  return (name, body) =>
    test(name, { timeout }, async (...args) => {
      try {
        return await body(...args);
      } catch (error) {
        await session()
          ?.shot(`FAILED-${name}`)
          .catch(() => {});
        throw error;
      }
    });
}
