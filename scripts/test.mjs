// `npm test`: sets up what the tests need, then runs all of them. Needs the npm registry; with pip it also tests the
// TensorFlow engine, loads exported networks in PyTorch and opens event files in TensorBoard. Fails when any test fails.
// With CI=true it also fails when a test was skipped that could have run.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounts } from '../test/lib/counts.mjs';
import {
  ensureDependencies,
  ensurePyTorch,
  ensureTensorboard,
  ensureTensorFlow,
  heading,
  must,
  run,
} from './lib/steps.mjs';

const ci = process.env.CI === 'true';
const began = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'distillation-counts-'));
const counts = [];

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('`npm test` runs VS Code tests in a VS Code server for Linux on x64. On this machine run');
  console.error('`npm run test:unit` and, with internet access, `npm run test:electron`.');
  process.exit(1);
}

await ensureDependencies();
heading('System packages and VS Code servers');
await must('bash', ['scripts/setup-system.sh'], { minutes: 15 });
await must('bash', ['scripts/setup-vscode-server.sh', 'current'], { minutes: 15 });
await must('bash', ['scripts/setup-vscode-server.sh', 'floor'], { minutes: 15 });
await must('bash', ['scripts/setup-nodes.sh'], { minutes: 10 });

heading('Build');
await must('npm', ['run', '-s', 'build'], { minutes: 5 });

heading('TensorFlow engine');
const tensorflow = await ensureTensorFlow();
if (!tensorflow) {
  console.log('The TensorFlow engine could not be set up here (see above): its tests will be skipped.');
  if (process.env.DISTILL_REQUIRE_TENSORFLOW === '1') process.exit(1);
}

heading('PyTorch');
const pytorch = await ensurePyTorch();
if (!pytorch) {
  console.log('PyTorch could not be set up here (see above): no exported network is loaded in it.');
  if (process.env.DISTILL_REQUIRE_PYTORCH === '1') process.exit(1);
}

heading('TensorBoard');
const tensorboard = await ensureTensorboard();
if (!tensorboard) {
  console.log('TensorBoard could not be set up here (see above): no event file is opened in it.');
  if (process.env.DISTILL_REQUIRE_TENSORBOARD === '1') process.exit(1);
}

/** Suites that could not even count: [name, exit status]. */
const broken = [];
let suites = 0;
/** Runs one suite; goes on after failures, so that one run tells all. `log`: see `run`. */
async function suite(title, command, args, minutes, log) {
  if (log === undefined) heading(title);
  const file = join(scratch, `${suites++}.jsonl`);
  const env = {
    TEST_COUNTS: file,
    ...(tensorflow && { DISTILL_REQUIRE_TENSORFLOW: '1' }),
    ...(pytorch && { DISTILL_REQUIRE_PYTORCH: '1' }),
    ...(tensorboard && { DISTILL_REQUIRE_TENSORBOARD: '1' }),
  };
  const status = await run(command, args, { minutes, env, log });
  const now = readCounts(file);
  counts.push(...now);
  if (now.length === 0 || (status !== 0 && now.every((c) => c.failed.length === 0)))
    broken.push([title, status]);
}

heading('Package');
await must('npm', ['run', '-s', 'package'], { minutes: 5 });

// Tests in a VS Code wait most of the time. What they leave of the processors is for the unit tests, which step aside.
const unitTitle = 'Unit, golden and gradient tests';
const unitLog = join(scratch, 'unit.log');
const unitOutput = openSync(unitLog, 'w');
const units = suite(unitTitle, 'nice', ['node', 'test/run-unit.mjs'], 60, unitOutput);
for (const target of ['current', 'floor']) {
  await suite(
    `Integration, VS Code ${target}, from source`,
    'node',
    ['test/run-integration.mjs', target],
    12,
  );
  await suite(
    `Integration, VS Code ${target}, packaged`,
    'node',
    ['test/run-integration.mjs', target, '--vsix'],
    12,
  );
  await suite(`End to end, VS Code ${target}`, 'node', ['test/run-e2e.mjs', target], 25);
}

heading(`${unitTitle}, begun beside the others`);
await units;
closeSync(unitOutput);
console.log(readFileSync(unitLog, 'utf8'));
rmSync(scratch, { recursive: true, force: true });
heading(`Result after ${Math.round((Date.now() - began) / 1000)} s`);
for (const c of counts)
  console.log(`${c.suite}: ${c.passed} passed, ${c.failed.length} failed, ${c.skipped.length} skipped`);
/** A test and the beginning of what it said. */
function tell(word, suite, { name, error = '' }) {
  console.log(`${word}: ${suite}: ${name}`);
  if (error !== '') console.log(error.split('\n').slice(0, 16).join('\n').replace(/^/gm, '    '));
}
for (const c of counts) for (const test of c.unsteady ?? []) tell('passed only once more', c.suite, test);
for (const c of counts) for (const test of c.failed) tell('failed', c.suite, test);
for (const [title, status] of broken) console.log(`failed: ${title} ended with status ${status}`);
const skipped = counts.flatMap((c) => c.skipped.map((s) => ({ suite: c.suite, ...s })));
for (const s of skipped) console.log(`skipped: ${s.suite}: ${s.name} (${s.reason || 'no reason given'})`);

const passed = counts.reduce((sum, c) => sum + c.passed, 0);
const failed = counts.reduce((sum, c) => sum + c.failed.length, 0) + broken.length;
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);

// What a machine may lack: what pip provides, a GPU. Anything else that is skipped in CI would go unnoticed.
const excused = (reason) =>
  (!tensorflow && /tensorflow/i.test(reason)) ||
  (!pytorch && /pytorch/i.test(reason)) ||
  (!tensorboard && /tensorboard/i.test(reason)) ||
  /\bGPU\b/i.test(reason);
const unexcused = skipped.filter((s) => !excused(s.reason));
if (ci && unexcused.length > 0) console.log(`${unexcused.length} skipped tests could have run here: failed.`);
process.exit(failed > 0 || (ci && unexcused.length > 0) ? 1 : 0);
