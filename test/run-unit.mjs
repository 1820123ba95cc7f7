// Unit, golden and gradient tests.   node test/run-unit.mjs [PATH...]
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { runNodeTests } from './lib/node-test.mjs';

const root = resolve(import.meta.dirname, '..');
process.chdir(root);

const given = process.argv.slice(2);
const files = (given.length > 0 ? given : ['test/unit', 'test/golden'])
  .flatMap((path) =>
    statSync(path).isFile()
      ? [path]
      : readdirSync(path, { recursive: true })
          .filter((name) => name.endsWith('.test.ts'))
          .map((name) => join(path, name)),
  )
  .sort();
if (files.length === 0) {
  console.error(`No *.test.ts under ${given.join(', ') || 'test/unit and test/golden'}.`);
  process.exit(1);
}
console.log(`${files.length} test files`);
const ok = await runNodeTests('unit', files, {
  nodeArgs: ['--import', 'tsx'],
  // Each engine uses the cores it finds; more files at once than this would only take turns.
  concurrency: Math.max(1, Math.min(4, availableParallelism())),
  timeoutMs: 300_000,
});
process.exit(ok ? 0 : 1);
