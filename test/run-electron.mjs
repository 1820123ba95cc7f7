// The same suite in desktop VS Code, which @vscode/test-electron downloads: needs internet access.
//   node test/run-electron.mjs      (Linux without a display: xvfb-run -a node test/run-electron.mjs)
// VSCODE_VERSION chooses the version, e.g. 1.100.3; by default the newest stable one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { recordCounts } from './lib/counts.mjs';
import { bundleSuite, readReport, scratchWorkspace } from './lib/integration-bundle.mjs';

const root = resolve(import.meta.dirname, '..');
const bundle = await bundleSuite();
const { folder, workspace, report } = scratchWorkspace();
const userData = mkdtempSync(join(tmpdir(), 'distillation-user-'));
let outcome = 1;
try {
  outcome = await runTests({
    version: process.env.VSCODE_VERSION ?? 'stable',
    extensionDevelopmentPath: root,
    extensionTestsPath: bundle,
    extensionTestsEnv: { DISTILLATION_TEST_REPORT: report },
    launchArgs: [
      workspace,
      '--disable-extensions',
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
      ...['--user-data-dir', userData],
      // Chromium's sandbox refuses to run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
}
const counts = readReport(report) ?? { passed: 0, failed: [{ name: 'no report was written' }], skipped: [] };
if (outcome !== 0 && counts.failed.length === 0)
  counts.failed.push({ name: `VS Code ended with ${outcome}` });
recordCounts({ suite: 'electron', ...counts });
console.log(
  `electron: ${counts.passed} passed, ${counts.failed.length} failed, ${counts.skipped.length} skipped`,
);
for (const scratch of [folder, userData]) rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
process.exit(counts.failed.length === 0 ? 0 : 1);
