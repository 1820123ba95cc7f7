// How many tests passed, failed and were skipped, over all suites: each suite appends one line to $TEST_COUNTS, the
// caller adds them up.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * `unsteady`: what failed, and passed when its file was run once more; it counts as passed.
 * @typedef {{ name: string, error?: string }} Failure
 * @typedef {{ suite: string, passed: number, failed: Failure[], unsteady?: Failure[], skipped: {name: string, reason: string}[] }} Counts
 * @param {Counts} counts
 */
export function recordCounts(counts) {
  if (process.env.TEST_COUNTS) appendFileSync(process.env.TEST_COUNTS, `${JSON.stringify(counts)}\n`);
  for (const { name, reason } of counts.skipped)
    console.log(`skipped: ${name}${reason ? ` (${reason})` : ''}`);
}

/** @returns {Counts[]} */
export function readCounts(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
