// Runs the mocha suite test/integration inside the real extension host of a VS Code server, without Electron:
//   node test/run-integration.mjs [current|floor] [--vsix] [--verbose]
// The web workbench takes extensionDevelopmentPath and extensionTestsPath in the `payload` of its address and reports
// through window.codeAutomationLog and window.codeAutomationExit, as VS Code's own browser tests do.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { launch, offlineContext } from './lib/browser.mjs';
import { recordCounts } from './lib/counts.mjs';
import { bundleSuite, readReport, scratchWorkspace } from './lib/integration-bundle.mjs';
import { startServer } from './lib/server.mjs';
import { homeOf, VSIX } from './lib/targets.mjs';

const root = resolve(import.meta.dirname, '..');
const flags = process.argv.slice(2);
const target = flags.find((flag) => !flag.startsWith('--')) ?? 'current';
// The packaged extension is installed, and an empty one is "in development": only so does VS Code run tests.
const packaged = flags.includes('--vsix');
const verbose = flags.includes('--verbose');
const limitMs = 600_000;

if (packaged && !existsSync(VSIX)) {
  console.error(`${VSIX} is missing. Run npm run package first.`);
  process.exit(1);
}
const suite = `integration ${target} ${packaged ? '.vsix' : 'source'}`;
const bundle = await bundleSuite();
const { folder, workspace, report } = scratchWorkspace();

/** Chatter of VS Code itself on the extension host's console. */
const CHATTER =
  /socket|connection token|builtin extensions|Gate|ChatSession|workbench|Service Worker|Ignoring fetching/i;

let server;
let browser;
let outcome = 'not started';
try {
  server = await startServer({
    home: homeOf(target),
    vsix: packaged ? [VSIX] : [],
    env: { DISTILLATION_TEST_REPORT: report },
    // Without this flag newer versions ignore the development part of the payload: no tests, and no word about it.
    args: ['--enable-smoke-test-driver'],
  });
  browser = await launch();
  const { context, blocked } = await offlineContext(browser);
  const page = await context.newPage();
  const finished = new Promise((done) => {
    page.exposeFunction('codeAutomationLog', (type, args) => {
      const text = format(...args);
      if (verbose || !CHATTER.test(text)) console.log(`[host ${type}] ${text}`);
    });
    page.exposeFunction('codeAutomationExit', (code) => done(code === 0 ? 'passed' : 'failed'));
  });
  page.on('pageerror', (error) => console.log(`[page error] ${error.message}`));
  if (verbose) page.on('console', (message) => console.log(`[console] ${message.text().slice(0, 400)}`));
  const remote = (path) => `vscode-remote://${server.authority}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(packaged ? join(root, 'test/anchor') : root)],
    ['extensionTestsPath', remote(bundle)],
    ['skipWelcome', 'true'],
  ];
  const query = `folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  await page.goto(`${server.url}/?${query}`);
  let limit;
  const late = new Promise((done) => {
    limit = setTimeout(() => done('timed out'), limitMs);
  });
  outcome = await Promise.race([finished, late]);
  clearTimeout(limit);
  if (outcome === 'timed out') {
    mkdirSync(join(root, 'test-results'), { recursive: true });
    await page.screenshot({ path: join(root, 'test-results', `${suite.replaceAll(' ', '-')}-timeout.png`) });
    console.log(server.output().slice(-3000));
  }
  const outside = [...new Set(blocked.map((url) => new URL(url).host))];
  console.log(
    `${suite}: ${outcome}; VS Code ${server.version}; refused requests: ${outside.join(' ') || 'none'}`,
  );
} finally {
  await browser?.close();
  await server?.stop();
}
const counts = readReport(report) ?? { passed: 0, failed: [{ name: 'no report was written' }], skipped: [] };
if (outcome !== 'passed' && counts.failed.length === 0) counts.failed.push({ name: `the suite ${outcome}` });
if (counts.passed + counts.failed.length === 0) counts.failed.push({ name: 'no test ran' });
recordCounts({ suite, ...counts });
console.log(
  `${suite}: ${counts.passed} passed, ${counts.failed.length} failed, ${counts.skipped.length} skipped`,
);
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(counts.failed.length === 0 ? 0 : 1);
