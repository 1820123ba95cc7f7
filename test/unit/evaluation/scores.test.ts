import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BoundaryScore } from '../../../src/distill/evaluation/boundary';
import { CalibrationError } from '../../../src/distill/evaluation/calibration';
import { ConfusionMatrix } from '../../../src/distill/metrics';
import { RandomStream } from '../../../src/engine/random';

/** The same predictions scored by NumPy and SciPy: test/golden/pytorch/evaluation.py. */
const expected = JSON.parse(readFileSync(join(__dirname, '../../golden/pytorch/evaluation.json'), 'utf8'));
const [CLASSES, HEIGHT, WIDTH, IMAGES] = [7, 40, 56, 3];

function labelOf(n: number): Int32Array {
  return Int32Array.from({ length: HEIGHT * WIDTH }, (_, p) => {
    const [y, x] = [Math.floor(p / WIDTH), p % WIDTH];
    if ((y + 2 * x + n) % 23 === 0) return -1;
    return ((Math.floor(y / 7) + n) * 2 + Math.floor(x / 9)) % 5;
  });
}

function predict(n: number, label: Int32Array): { prediction: Int32Array; confidence: Float32Array } {
  const prediction = new Int32Array(label.length);
  const confidence = new Float32Array(label.length);
  for (let p = 0; p < label.length; p++) {
    const [y, x] = [Math.floor(p / WIDTH), p % WIDTH];
    const shifted = label[y * WIDTH + ((x - 2 + WIDTH) % WIDTH)];
    const scores = Float32Array.from({ length: CLASSES }, (_, c) => {
      const noise = c === 6 ? -10 : 2 * Math.sin((0.731 + 0.01 * n) * (p * CLASSES + c) + 0.2);
      return noise + (c === shifted ? 2.5 : 0);
    });
    prediction[p] = scores.indexOf(Math.max(...scores));
    confidence[p] = (1 + ((p * 7919 + n * 104729) % 997)) / 998;
  }
  return { prediction, confidence };
}

const matrix = new ConfusionMatrix(CLASSES);
const boundary = new BoundaryScore(CLASSES, 0.015);
const calibration = new CalibrationError();
for (let n = 0; n < IMAGES; n++) {
  const label = labelOf(n);
  const { prediction, confidence } = predict(n, label);
  matrix.add(prediction, label);
  boundary.add(prediction, label, HEIGHT, WIDTH);
  calibration.add(prediction, confidence, label);
}

test('counts, IoU, both kinds of mIoU and accuracies equal those of NumPy to the last digit', () => {
  assert.deepEqual(Array.from(matrix.counts), expected.counts);
  const scores = matrix.scores();
  for (const name of ['miou', 'miouPresent', 'pixelAccuracy', 'meanAccuracy'] as const)
    assert.equal(scores[name], expected[name], name);
  assert.deepEqual(scores.iou, expected.iou);
  assert.ok(scores.miou < scores.miouPresent, 'a class that never occurs tells the conventions apart');
  assert.equal(scores.accuracy[5], null);
});

test('boundary F1 equals that of SciPy to the last digit', () => {
  const { perClass, mean } = boundary.scores();
  assert.deepEqual({ perClass, mean }, expected.boundary);
  assert.ok(mean > 0.2 && mean < 0.95, 'boundaries two pixels off are neither all near nor all far');
});

test('calibration error equals that of NumPy to the last digit', () => {
  const { error, bins } = calibration.scores();
  assert.equal(error, expected.calibration);
  assert.equal(
    bins.reduce((sum, b) => sum + b.count, 0),
    expected.counts.reduce((a: number, b: number) => a + b, 0),
  );
});

/** Boundary F1 by its definition: every pair of pixels. */
function pairwiseF1(prediction: Int32Array, label: Int32Array, c: number, limit: number, width: number) {
  const edge = (map: (p: number) => number) => {
    const at: number[] = [];
    for (let p = 0; p < label.length; p++) {
      const around = [p - width, p + width, ...(p % width > 0 ? [p - 1] : [])];
      if (p % width < width - 1) around.push(p + 1);
      if (map(p) === c && around.some((q) => q >= 0 && q < label.length && map(q) !== c)) at.push(p);
    }
    return at;
  };
  const truth = edge((p) => label[p]!);
  const found = edge((p) => (label[p]! < 0 ? -1 : prediction[p]!));
  const distance = (p: number, q: number) =>
    Math.hypot(Math.floor(p / width) - Math.floor(q / width), (p % width) - (q % width));
  const share = (of: number[], to: number[]) =>
    of.length === 0 ? 0 : of.filter((p) => to.some((q) => distance(p, q) <= limit)).length / of.length;
  const [precision, recall] = [share(found, truth), share(truth, found)];
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

test('boundary F1 equals that of all pairs of pixels, in pictures of every shape', () => {
  const random = RandomStream.seeded(3, 'maps');
  for (const [height, width] of [
    [1, 1],
    [1, 17],
    [19, 1],
    [13, 16],
    [24, 9],
  ] as const)
    for (const tolerance of [0.02, 0.06, 0.13]) {
      const ids = Array.from({ length: 12 }, () => random.int(4) - 1);
      const label = Int32Array.from({ length: height * width }, (_, p) => ids[Math.floor(p / 23) % 12]!);
      const prediction = label.map((id, p) =>
        random.uniform() < 0.1 ? random.int(3) : Math.max(0, label[p + 1] ?? id),
      );
      const score = new BoundaryScore(3, tolerance);
      score.add(prediction, label, height, width);
      const limit = tolerance * Math.hypot(height, width);
      const expected = [0, 1, 2].map((c) =>
        label.includes(c) ? pairwiseF1(prediction, label, c, limit, width) : null,
      );
      assert.deepEqual(score.scores().perClass, expected, `${height} x ${width}, ${tolerance}`);
    }
});

test('a perfect prediction has F1 1, one without the class 0', () => {
  const label = labelOf(0);
  const perfect = new BoundaryScore(CLASSES);
  perfect.add(label, label, HEIGHT, WIDTH);
  assert.equal(perfect.scores().mean, 1);
  const nothing = new BoundaryScore(CLASSES);
  nothing.add(new Int32Array(label.length).fill(5), label, HEIGHT, WIDTH);
  assert.deepEqual(nothing.scores().perClass, [0, 0, 0, 0, 0, null, null]);
});
