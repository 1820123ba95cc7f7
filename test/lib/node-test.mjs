// Runs files under node's test runner: its own output with the closing summary is shown, and counted.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordCounts } from './counts.mjs';

/**
 * @param {string} suite name for the counts
 * @param {string[]} files
 * @param {{ nodeArgs?: string[], concurrency: number, timeoutMs: number, env?: Record<string, string>, again?: boolean }} options
 *   timeoutMs: limit of a single test; again: files in which tests failed are run once more, and what passes then is
 *   told as unsteady
 * @returns {Promise<boolean>} whether all passed
 */
export async function runNodeTests(suite, files, { again = false, ...options }) {
  let counts = await runFiles(files, options);
  const failing = [...new Set(counts.failed.map((test) => test.file))];
  if (again && failing.length > 0 && failing.every((file) => file !== undefined)) {
    console.log(`Once more, as tests in them failed: ${failing.join(', ')}`);
    counts = merged(counts, failing, await runFiles(failing, options));
  }
  const passed = Object.values(counts.passed).reduce((sum, count) => sum + count, 0);
  recordCounts({ suite, ...counts, passed });
  return counts.failed.length === 0;
}

/** Counts of all files, those of `files` from their second run. */
function merged(first, files, second) {
  const others = ({ file }) => !files.includes(file);
  const stillFails = ({ name, file }) =>
    second.failed.some((test) => test.name === name && test.file === file);
  return {
    passed: { ...first.passed, ...Object.fromEntries(files.map((file) => [file, 0])), ...second.passed },
    failed: [...first.failed.filter(others), ...second.failed],
    unsteady: first.failed.filter((test) => !stillFails(test)),
    skipped: [...first.skipped.filter(others), ...second.skipped],
  };
}

async function runFiles(files, { nodeArgs = [], concurrency, timeoutMs, env = {} }) {
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
  const end = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
  const status = await new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end);
  const counts = existsSync(countsFile) ? readFileSync(countsFile, 'utf8') : '';
  rmSync(scratch, { recursive: true, force: true });
  const { passed, failed, skipped } =
    counts === '' ? { passed: {}, failed: [], skipped: [] } : JSON.parse(counts);
  // A runner that was ended leaves no counts, and one may fail without a test that did.
  if (status !== 0 && failed.length === 0) failed.push({ name: `the test runner ended with ${status}` });
  return { passed, failed, skipped };
}
