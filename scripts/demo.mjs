// `npm run demo`: from a fresh clone to trained students. Installs and builds what is missing, makes the sample data set,
// trains a baseline, LAD and RDD through the command line, and writes a report. Needs the npm registry and nothing else.
//   npm run demo [-- --engine wasm]     what follows -- goes to each `distill train`
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureDependencies, heading, must, root } from './lib/steps.mjs';

/** Slowest first: with two cores the others share one while it has the other. */
const arms = ['lad', 'rdd', 'baseline'];
const cli = join(root, 'dist/cli.js');
/** First line of the result of a run. */
const finished = /: finished after /;
const report = join(root, '.distill/report.html');

process.chdir(root);
const began = Date.now();
await ensureDependencies();
heading('Build');
await must('npm', ['run', '-s', 'build'], { minutes: 5 });
heading('Sample data set');
// Imported here, not above: there may have been no node_modules until now.
const { tsImport } = await import('tsx/esm/api');
const { ensureSampleDataset } = await tsImport('../samples/write.ts', import.meta.url);
await ensureSampleDataset(join(root, '.distill/datasets/sample'));

const atOnce = Math.max(1, Math.min(arms.length, availableParallelism()));
heading(`Training ${arms.length} runs, ${atOnce} at a time`);
const trained = Date.now();
const queue = [...arms];
const folders = {};
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let arm = queue.shift(); arm; arm = queue.shift()) folders[arm] = await train(arm);
  }),
);

heading('Report');
const inOrder = ['baseline', 'lad', 'rdd'].map((arm) => folders[arm]);
await must('node', [cli, 'report', ...inOrder, '-o', report], { minutes: 2 });
const runs = JSON.parse(await output('node', [cli, 'runs', '--json']));

heading('Best mIoU on the validation split');
const percent = (share) => (share === undefined ? '-' : `${(100 * share).toFixed(1)} %`);
const line = (...cells) =>
  `${cells[0].padEnd(10)}${cells[1].padStart(9)}${cells[2].padStart(9)}   ${cells[3]}`;
console.log(line('arm', 'student', 'teacher', 'run folder'));
for (const folder of inOrder) {
  const run = runs.find((r) => r.folder === join(root, folder));
  const arm = run.methods.join(' + ').toUpperCase() || 'baseline';
  console.log(line(arm, percent(run.bestStudentMiou), percent(run.bestTeacherMiou), folder));
}
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;
console.log(`\nReport: ${relative(root, report)}`);
console.log(`Took ${seconds(began)}, ${seconds(trained)} of it training.`);

/** Trains one arm and shows what it says under its name; resolves to its run folder. */
function train(arm) {
  return new Promise((done) => {
    const child = spawn(
      'node',
      [cli, 'train', `samples/demo/${arm}.distill.json`, ...process.argv.slice(2)],
      {
        // Several processes may share one GPU.
        env: { ...process.env, TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let folder;
    let result = false;
    createInterface(child.stdout).on('line', (text) => {
      folder ??= /^Run folder: (.*)$/.exec(text)?.[1];
      // The result of every arm is in the table and the report.
      result ||= finished.test(text);
      if (!result || finished.test(text)) console.log(`${arm.padEnd(9)} ${text}`);
    });
    child.once('exit', (status) => {
      if (status === 0) return done(folder);
      console.error(`\nTraining ${arm} failed (${status}).`);
      process.exit(1);
    });
  });
}

function output(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.once('close', (status) => {
      if (status === 0) done(text);
      else process.exit(1);
    });
  });
}
