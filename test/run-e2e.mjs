// End-to-end tests of the packaged .vsix in a real VS Code in Chromium.   node test/run-e2e.mjs [current|floor] [FILE...]
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runNodeTests } from './lib/node-test.mjs';
import { homeOf, VSIX } from './lib/targets.mjs';

const root = resolve(import.meta.dirname, '..');
process.chdir(root);
const [target = 'current', ...given] = process.argv.slice(2);
const home = homeOf(target);
if (!existsSync(VSIX)) {
  console.error(`${VSIX} is missing. Run npm run package first.`);
  process.exit(1);
}
const files =
  given.length > 0
    ? given
    : readdirSync('test/e2e')
        .filter((name) => name.endsWith('.e2e.mjs'))
        .map((name) => join('test/e2e', name))
        .sort();
const ok = await runNodeTests(`e2e ${target}`, files, {
  concurrency: 1,
  timeoutMs: 900_000,
  // What a browser, a server and a training do at once on busy processors differs from run to run. A fault that shows only
  // now and then can pass this way, so `npm test` ends with what failed at first, and what it said.
  again: true,
  env: { VSCODE_E2E_HOME: home, VSCODE_E2E_TARGET: target },
});
process.exit(ok ? 0 : 1);
