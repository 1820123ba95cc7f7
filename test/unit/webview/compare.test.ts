import assert from 'node:assert/strict';
import { test } from 'node:test';
import { armsOf, differingPaths, hasSeeds, labelOf, meanOf, runOf } from '../../../webview/compare/arms';
import { lossLines, miouLines } from '../../../webview/compare/lines';
import { comparedRuns } from './harness/compared';

const compared = comparedRuns(4);
const runs = compared.map(runOf);

test('mean and sample standard deviation', () => {
  assert.equal(meanOf([]), undefined);
  assert.deepEqual(meanOf([3]), { mean: 3, deviation: 0 });
  const four = meanOf([2, 4, 4, 6])!;
  assert.equal(four.mean, 4);
  assert.ok(Math.abs(four.deviation - Math.sqrt(8 / 3)) < 1e-12);
});

test('runs that differ in their seeds alone fold into one arm', () => {
  assert.equal(hasSeeds(runs), true);
  assert.equal(hasSeeds(runs.slice(0, 3)), false);
  const folded = armsOf(runs, true);
  assert.deepEqual(
    folded.map((arm) => [arm.label, arm.runs.length]),
    [
      ['rdd 0', 1],
      ['lad 1', 1],
      ['rdd 2, 2 seeds', 2],
    ],
  );
  assert.equal(armsOf(runs, false).length, 4);
  assert.equal(labelOf(runs[3]!, runs), 'rdd 2, seed 2', 'runs of the same name are told apart');
  const looks = armsOf(
    Array.from({ length: 20 }, (_, i) => runOf({ ...compared[0]!, config: { n: i } })),
    true,
  ).map(({ color, dash }) => JSON.stringify([color, dash]));
  assert.equal(new Set(looks).size, 20, 'twenty arms look different');
});

test('curves lie over the steps of one stage; a folded arm is mean and spread', () => {
  const { x, lines } = miouLines(armsOf(runs, true), 'student', 'student');
  const last = lines.at(-1)!;
  const scores = [2, 3].map(
    (i) => runs[i]!.model.evaluations.find((e) => e.stage === 'student' && e.step === x[0])!.miou * 100,
  );
  const { mean, deviation } = meanOf(scores)!;
  assert.ok(deviation > 0);
  assert.ok(Math.abs(last.values[0]! - mean) < 1e-9);
  assert.ok(Math.abs(last.spread!.low[0]! - (mean - deviation)) < 1e-9);
  assert.ok(Math.abs(last.spread!.high[0]! - (mean + deviation)) < 1e-9);
  assert.equal(lines[0]!.spread, undefined);

  const loss = lossLines(armsOf(runs, false), 'student', 0);
  assert.equal(loss.x[0], 1);
  assert.equal(loss.x.at(-1), 400);
  const steps = compared[1]!.events.flatMap((e) => (e.kind === 'step' && e.stage === 'student' ? [e] : []));
  const own = loss.lines[1]!;
  assert.equal(own.values[steps[5]!.step - 1], steps[5]!.loss);
  assert.equal(own.values.at(-1), null, 'the second run has not got that far');
  assert.equal(lossLines(armsOf(runs, false), 'teacher', 0).lines.length, 4);
});

test('only what differs is said of configurations', () => {
  assert.deepEqual(differingPaths(runs).sort(), ['training.lr', 'training.seed']);
  assert.deepEqual(differingPaths(runs.slice(2)), ['training.seed']);
});
