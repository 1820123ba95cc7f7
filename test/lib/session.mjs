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
import { leaving, openWorkbench } from './workbench.mjs';

const root = resolve(import.meta.dirname, '../..');
const shots = join(root, 'test-results', process.env.VSCODE_E2E_TARGET ?? 'current');

/** Errors that VS Code itself logs here, with or without the extension. */
const OF_VSCODE = [
  // What its page asks for and this server does not have.
  /status of 404 .*\/(favicon-dark-support\.svg|vsda\.js|vsda_bg\.wasm|update\/check)\)$/,
  /bad HTTP response code \(404\) was received when fetching the script/,
  /authentication provider 'github'/,
  // On a slow machine it does not wait for extensions when a file is saved.
  /Aborted onWillSaveTextDocument-event/,
  /Timed out getting tasks from +typescript/,
];

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
 * @param {{settings?: object, untrusted?: boolean, prepare?: (workspace: string) => void, told?: RegExp[], others?: string[]}} [options]
 *   `prepare`: puts more into the workspace before it is opened; `told`: errors that the tests want users to be told, which
 *   VS Code logs as well, any other error on the console is one of the session; `others`: extensions beside ours, as .vsix.
 */
export async function openSession(files, { settings, untrusted, prepare, told = [], others = [] } = {}) {
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
    server = await startServer({ vsix: [VSIX, ...others], settings, untrusted });
    browser = await launch();
    const { context, blocked } = await offlineContext(browser);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const errors = [];
    // Of every page and every frame in it, those of the webviews included.
    context.on('weberror', (error) => errors.push(error.error().message));
    context.on('console', (message) => {
      if (message.type() !== 'error' || leaving.has(message.page())) return;
      const text = `${message.text().split('\n')[0]} (${message.location().url})`;
      if (![...OF_VSCODE, ...told].some((known) => known.test(text))) errors.push(text);
    });
    await openWorkbench(page, server, workspace);
    mkdirSync(shots, { recursive: true });
    const shot = (name, of = page) => of.screenshot({ path: join(shots, `${name}.png`) });
    /** Another window on the same server: of a folder, or of none. */
    const openWindow = async (folder) => {
      const other = await context.newPage();
      other.setDefaultTimeout(30_000);
      await openWorkbench(other, server, folder);
      return other;
    };
    const closeWindow = async (other) => {
      leaving.add(other);
      await other.close();
    };
    return { workspace, server, page, context, blocked, errors, shot, openWindow, closeWindow, close };
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
