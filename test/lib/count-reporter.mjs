// Reporter of node:test that counts for test/lib/counts.mjs: one line of JSON at the end. Used beside `spec`.

/** node:test reporters are default exports by contract. */
// biome-ignore lint/style/noDefaultExport: the test runner loads reporters that way
export default async function* countReporter(events) {
  let passed = 0;
  const failed = [];
  const skipped = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isSuite = data.details?.type === 'suite';
    if (data.skip !== undefined || data.todo !== undefined) {
      const reason = data.skip ?? data.todo;
      skipped.push({ name: data.name, reason: typeof reason === 'string' ? reason : '' });
    } else if (type === 'test:fail') {
      // A suite fails with its tests; a file that could not even be loaded is a test of its own.
      if (!isSuite) failed.push(data.name);
    } else if (!isSuite) passed++;
  }
  yield JSON.stringify({ passed, failed, skipped });
}
