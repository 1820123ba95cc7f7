// Runs files under node's test runner: its own output with the closing summary is shown, and counted.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordCounts } from './counts.mjs';

/**
 * @param {string} suite name for the counts
 * @param {string[]} files
 * @param {{ nodeArgs?: string[], concurrency: number, timeoutMs: number, env?: Record<string, string> }} options
 *   timeoutMs: limit of a single test
 * @returns {Promise<boolean>} whether all passed
 */
export async function runNodeTests(suite, files, { nodeArgs = [], concurrency, timeoutMs, env = {} }) {
  const scratch = mkdtempSync(join(tmpdir(), 'distillation-tests-'));
  const countsFile = join(scratch, 'counts.json');
  const reporter = new URL('count-reporter.mjs', import.meta.url).href;
  const args = [
    ...nodeArgs,
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeoutMs}`,
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${countsFile}`],
    ...files,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  const status = await new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  try {
    const counts = JSON.parse(readFileSync(countsFile, 'utf8'));
    recordCounts({ suite, ...counts });
    return status === 0 && counts.failed.length === 0;
  } catch {
    recordCounts({ suite, passed: 0, failed: [`the test runner ended early (${status})`], skipped: [] });
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
