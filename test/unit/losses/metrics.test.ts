import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfusionMatrix } from '../../../src/distill/metrics';

test('the two conventions of mean IoU differ by the absent classes', () => {
  const matrix = new ConfusionMatrix(3);
  matrix.add([0, 0, 1, 1], [0, 1, 1, 1]);
  const { miou, miouPresent, iou, pixelAccuracy } = matrix.scores();
  assert.deepEqual(iou, [1 / 2, 2 / 3, null]);
  assert.ok(Math.abs(miouPresent - (1 / 2 + 2 / 3) / 2) < 1e-12);
  assert.ok(Math.abs(miou - (1 / 2 + 2 / 3) / 3) < 1e-12);
  assert.equal(pixelAccuracy, 3 / 4);
});

test('counts accumulate over calls and survive being saved', () => {
  const whole = new ConfusionMatrix(2);
  whole.add([0, 1, 1], [0, 0, 1]);
  const part = new ConfusionMatrix(2);
  part.add([0], [0]);
  const resumed = new ConfusionMatrix(2, JSON.parse(JSON.stringify([...part.counts])));
  resumed.add([1, 1], [0, 1]);
  assert.deepEqual(resumed.counts, whole.counts);
  assert.deepEqual([...whole.counts], [1, 1, 0, 1]);
});

test('ignored pixels do not count, whatever is predicted there', () => {
  const matrix = new ConfusionMatrix(2);
  matrix.add([1, 7], [1, -1]);
  assert.equal(matrix.scores().pixelAccuracy, 1);
});

test('an image of ignored pixels only has no accuracy, and 0 in CIRKD convention', () => {
  const matrix = new ConfusionMatrix(2);
  matrix.add([0, 1], [-1, -1]);
  const { miou, miouPresent, pixelAccuracy } = matrix.scores();
  assert.equal(miou, 0);
  assert.ok(Number.isNaN(miouPresent) && Number.isNaN(pixelAccuracy));
});

test('classes out of range and unequal lengths are refused', () => {
  const matrix = new ConfusionMatrix(2);
  assert.throws(() => matrix.add([0], [2]), /Pixel 0: label 2, prediction 0; classes are 0..1/);
  assert.throws(() => matrix.add([2], [0]), /Pixel 0: label 0, prediction 2/);
  assert.throws(() => matrix.add([-1], [0]), /prediction -1/);
  assert.throws(() => matrix.add([0, 0], [0]), /2 predictions for 1 labels/);
  assert.throws(() => new ConfusionMatrix(3, [1, 2]), /3 classes need 9 counts, got 2/);
});
