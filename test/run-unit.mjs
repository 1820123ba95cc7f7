// Unit, golden and gradient tests.   node test/run-unit.mjs [PATH...]
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compileTypeScript } from './lib/compile.mjs';
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
const compiled = mkdtempSync(join(tmpdir(), 'distillation-compiled-'));
let ok = false;
try {
  await compileTypeScript(compiled);
  ok = await runNodeTests('unit', files, {
    nodeArgs: ['--enable-source-maps', '--require', resolve('test/lib/typescript.cjs')],
    // Each engine uses the cores it finds; more files at once than this would only take turns.
    concurrency: Math.max(1, Math.min(4, availableParallelism())),
    // For a test that hangs; beside other suites on busy processors a long one takes minutes.
    timeoutMs: 900_000,
    // PyTorch's threads wait for each other by spinning: with other work on the processors that takes longer than one alone.
    env: { TEST_COMPILED: compiled, OMP_NUM_THREADS: '1' },
  });
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
process.exit(ok ? 0 : 1);
