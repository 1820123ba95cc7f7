// Bundles the suite that runs inside the extension host, and prepares what it works on.
import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** dist-test/index.js, CommonJS with `run()`: what `extensionTestsPath` asks for. Resolves to its path. */
export async function bundleSuite() {
  const outfile = join(root, 'dist-test/index.js');
  await build({
    entryPoints: [join(root, 'test/integration/index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
    external: ['vscode', 'mocha'],
  });
  return outfile;
}

/** A throw-away folder with a copy of the fixture workspace, and where the suite writes its report. */
export function scratchWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'distillation-integration-'));
  const workspace = join(folder, 'workspace');
  cpSync(join(root, 'test/fixtures/workspace'), workspace, { recursive: true });
  return { folder, workspace, report: join(folder, 'report.json') };
}

/**
 * Counts of the report that test/integration/index.ts leaves.
 * @returns {Omit<import('./counts.mjs').Counts, 'suite'> | undefined}
 */
export function readReport(file) {
  if (!existsSync(file)) return undefined;
  const tests = JSON.parse(readFileSync(file, 'utf8')).report;
  // What passed was told by the suite itself, on the console of the extension host.
  for (const { title, error } of tests.filter((test) => test.error)) console.log(`FAIL ${title}\n${error}`);
  return {
    passed: tests.filter((t) => t.ok).length,
    failed: tests.filter((t) => !t.ok && !t.skipped).map((t) => ({ name: t.title, error: t.error })),
    skipped: tests.filter((t) => t.skipped).map((t) => ({ name: t.title, reason: '' })),
  };
}

// `node test/lib/integration-bundle.mjs`: only bundle, for the launch configuration in .vscode.
if (process.argv[1] === import.meta.filename) await bundleSuite();
