// Reporter of node:test that counts for test/lib/counts.mjs: one line of JSON at the end. Used beside `spec`.
import { stripVTControlCharacters } from 'node:util';

/** node:test reporters are default exports by contract. */
// biome-ignore lint/style/noDefaultExport: the test runner loads reporters that way
export default async function* countReporter(events) {
  /** @type {Record<string, number>} tests that passed, by their file */
  const passed = {};
  const failed = [];
  const skipped = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isSuite = data.details?.type === 'suite';
    if (data.skip !== undefined || data.todo !== undefined) {
      const reason = data.skip ?? data.todo;
      skipped.push({ name: data.name, file: data.file, reason: typeof reason === 'string' ? reason : '' });
    } else if (type === 'test:fail') {
      // A suite fails with its tests; a file that could not even be loaded is a test of its own.
      if (!isSuite) failed.push({ name: data.name, file: data.file, error: words(data.details?.error) });
    } else if (!isSuite) passed[data.file] = (passed[data.file] ?? 0) + 1;
  }
  yield JSON.stringify({ passed, failed, skipped });
}

/** What an error says, where it comes from included; the runner wraps what a test throws. */
function words(error) {
  const thrown = error?.cause ?? error;
  return stripVTControlCharacters(String(thrown?.stack ?? thrown));
}
