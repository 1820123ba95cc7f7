import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fixedClassCodes,
  ladLabelChannel,
  randomClassCodes,
} from '../../src/distill/losses/lad-label-channel';
import { tfeShare } from '../../src/distill/losses/rdd-schedule';
import { ConfusionMatrix } from '../../src/distill/metrics';
import { polyLearningRate } from '../../src/distill/schedule';
import { RandomStream } from '../../src/engine/random';
import { close } from './cases';
import { labelMap, wave } from './inputs';

/** Golden cases that need no engine. */

const labels = labelMap([1, 6, 8], (_, y, x) => ((8 * y + x) % 4) - 1);

test('L7: label channel', () => {
  const channel = ladLabelChannel(labels, 1, {
    classes: 3,
    codes: [[0.5, -1.25, 2.0, 0.0]],
    noise: wave(48, 0.9, 0.3, 0.03),
    scale: 100,
  });
  // The sum cancels between classes: 48 values of up to 200, rounded to float32.
  close(
    channel.reduce((a, b) => a + b, 0),
    1501.3545215,
    1e-6,
  );
  close(channel[2 * 8 + 3]!, 197.0220218586, 1e-6);
});

test('L8: fixed codes of the teacher that teaches', () => {
  const codes = fixedClassCodes(21);
  assert.equal(codes.length, 22);
  for (const [k, expected] of [
    [0, -1.1],
    [10, -0.1],
    [11, 0],
    [20, 0.9],
    [21, 1],
  ] as const)
    assert.equal(codes[k], expected);
});

test('L: statistics of the noise over many draws', () => {
  const classes = 3;
  const n = 4000;
  const random = RandomStream.seeded(7, 'noise');
  const map = labelMap([2, 6, 8], (_, y, x) => ((8 * y + x) % 4) - 1);
  const draw = () =>
    ladLabelChannel(map, 2, {
      classes,
      codes: [randomClassCodes(random, classes, 1), randomClassCodes(random, classes, 1)],
      noise: random.fillNormal(new Float32Array(map.length), 0.03),
      scale: 100,
    });
  const at = { first: 1, sameClass: 5, otherImage: 49 };
  const values = Array.from({ length: n }, () => ({ path1: draw(), path2: draw() }));
  const mean = (f: (v: (typeof values)[number]) => number) => values.reduce((s, v) => s + f(v), 0) / n;
  const first = (v: (typeof values)[number]) => v.path1[at.first]!;
  const std = Math.sqrt(mean((v) => first(v) ** 2));
  // Four standard errors of each estimate.
  assert.ok(Math.abs(mean(first)) < (4 * 100) / Math.sqrt(n));
  assert.ok(Math.abs(std - 100) < (4 * 100) / Math.sqrt(2 * n));
  const noiseStd = Math.sqrt(mean((v) => (first(v) - v.path1[at.sameClass]!) ** 2) / 2);
  assert.ok(Math.abs(noiseStd - 3) < (4 * 3) / Math.sqrt(2 * n), `${noiseStd}`);
  const correlation = (f: (v: (typeof values)[number]) => number) => mean((v) => first(v) * f(v)) / 100 ** 2;
  assert.ok(Math.abs(correlation((v) => v.path2[at.first]!)) < 4 / Math.sqrt(n));
  assert.ok(Math.abs(correlation((v) => v.path1[at.otherImage]!)) < 4 / Math.sqrt(n));
});

test('O1: poly learning rate', () => {
  for (const [iteration, expected] of [
    [1, 0.02],
    [2, 0.0199995499994],
    [4000, 0.0181911062873],
    [20000, 0.0107182169222],
    [40000, 1.44269990591e-6],
  ] as const)
    close(polyLearningRate(0.02, iteration, 40000, 0.9), expected, 1e-11);
});

test('R14: share of TFE in the linear hand-over', () => {
  const share = (step: number) =>
    tfeShare({ step, warmup: 4000, iterations: 40000, handover: 'linear', fidelity: 'code' });
  close(share(10000), 0.833333333333, 1e-11);
  assert.equal(share(1), 1);
  assert.equal(share(4000), 1);
  assert.equal(share(40000), 0);
});

test('T1: the last TFE step is 3999 in the code and 4000 in the paper', () => {
  for (const [fidelity, last] of [
    ['code', 3999],
    ['paper', 4000],
  ] as const) {
    const share = (step: number) =>
      tfeShare({ step, warmup: 4000, iterations: 40000, handover: 'hard', fidelity });
    assert.deepEqual([share(1), share(last), share(last + 1), share(40000)], [1, 1, 0, 0]);
  }
});

test('M1: metrics from one count matrix', () => {
  const logits = wave(4 * 6 * 8, 0.77, 0.2, 0.9);
  const predictions = labels.map((_, pixel) => {
    const scores = [0, 1, 2, 3].map((c) => logits[c * 48 + pixel]!);
    return scores.indexOf(Math.max(...scores));
  });
  const matrix = new ConfusionMatrix(4);
  matrix.add(predictions, labels);
  const { intersection, union } = matrix.overlaps();
  assert.deepEqual([...intersection], [6, 0, 0, 0]);
  assert.deepEqual([...union], [19, 17, 12, 18]);
  const scores = matrix.scores();
  close(scores.miou, 0.0789473684211, 1e-11);
  // 0.333 is what the reference prints; it takes the argmax of truncated logits.
  close(scores.pixelAccuracy, 0.166666666667, 1e-11);
});
