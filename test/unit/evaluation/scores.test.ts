import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BoundaryScore } from '../../../src/distill/evaluation/boundary';
import { CalibrationError } from '../../../src/distill/evaluation/calibration';
import { ConfusionMatrix } from '../../../src/distill/metrics';

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
    const best = scores.indexOf(Math.max(...scores));
    prediction[p] = best;
    confidence[p] = 1 / scores.reduce((sum, s) => sum + Math.exp(s - scores[best]!), 0);
  }
  return { prediction, confidence };
}

function close(actual: number | null, wanted: number | null, what: string): void {
  if (wanted === null || actual === null) assert.equal(actual, wanted, what);
  else assert.ok(Math.abs(actual - wanted) <= 1e-12, `${what}: ${actual}, expected ${wanted}`);
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

test('counts, IoU, both kinds of mIoU and accuracies equal those of NumPy', () => {
  assert.deepEqual(Array.from(matrix.counts), expected.counts);
  const scores = matrix.scores();
  for (const name of ['miou', 'miouPresent', 'pixelAccuracy', 'meanAccuracy'] as const)
    close(scores[name], expected[name], name);
  for (const [c, iou] of scores.iou.entries()) close(iou, expected.iou[c], `IoU of class ${c}`);
  assert.ok(scores.miou < scores.miouPresent, 'a class that never occurs tells the conventions apart');
  assert.equal(scores.accuracy[5], null);
});

test('boundary F1 equals that of SciPy', () => {
  const { perClass, mean } = boundary.scores();
  for (const [c, f1] of perClass.entries()) close(f1, expected.boundary.perClass[c], `class ${c}`);
  close(mean, expected.boundary.mean, 'mean');
  assert.ok(mean > 0.2 && mean < 0.95, 'boundaries two pixels off are neither all near nor all far');
});

test('calibration error equals that of NumPy', () => {
  const { error, bins } = calibration.scores();
  // Confidences are float32 in both; sums of float32 values in another order.
  assert.ok(Math.abs(error - expected.calibration) < 1e-6, `${error}, expected ${expected.calibration}`);
  assert.equal(
    bins.reduce((sum, b) => sum + b.count, 0),
    expected.counts.reduce((a: number, b: number) => a + b, 0),
  );
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
