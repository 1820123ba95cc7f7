import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from '../../../webview/paint/color';
import { compare, differenceTable, outcome, shownOutcomes } from '../../../webview/paint/difference';
import {
  difficultyRange,
  diverging,
  noiseRange,
  paintHeatmap,
  quantile,
  sequential,
} from '../../../webview/paint/heatmap';
import { paintRgb } from '../../../webview/paint/image';
import { maskTable } from '../../../webview/paint/mask';
import { classTable, paintTable } from '../../../webview/paint/table';

/** What ImageData would show: the bytes in memory, four per pixel. */
const bytes = (pixels: Uint32Array) => [...new Uint8Array(pixels.buffer)];

test('a packed pixel lies in memory as red, green, blue, alpha', () => {
  assert.deepEqual(bytes(Uint32Array.of(pack(1, 2, 3, 4))), [1, 2, 3, 4]);
  assert.deepEqual(unpack(pack(250, 128, 7, 255)), [250, 128, 7, 255]);
});

test('an overlay has the colour of its class, the alpha of the opacity, and holes where hidden, ignored or unknown', () => {
  const table = classTable(
    [
      [10, 20, 30],
      [40, 50, 60],
    ],
    0.5,
    new Set([1]),
  );
  const out = new Uint32Array(4);
  paintTable(Uint8Array.of(0, 1, 255, 9), table, out);
  assert.deepEqual(bytes(out), [10, 20, 30, 128, ...Array(12).fill(0)]);
});

test('opacity outside 0..1 is held at its ends', () => {
  assert.equal(unpack(classTable([[1, 1, 1]], 7, new Set())[0]!)[3], 255);
  assert.equal(unpack(classTable([[1, 1, 1]], -1, new Set())[0]!)[3], 0);
});

test('a photograph is painted opaque', () => {
  const out = new Uint32Array(2);
  paintRgb(Uint8Array.of(1, 2, 3, 4, 5, 6), out);
  assert.deepEqual(bytes(out), [1, 2, 3, 255, 4, 5, 6, 255]);
});

test('a heatmap runs from one end of the ramp to the other, holds beyond, and leaves NaN open', () => {
  const out = new Uint32Array(5);
  paintHeatmap(Float32Array.of(0, 1, -3, 9, Number.NaN), { min: 0, max: 1 }, sequential, out);
  assert.deepEqual([...out], [sequential[0], sequential[255], sequential[0], sequential[255], 0]);
  assert.deepEqual(unpack(sequential[0]!), [68, 1, 84, 255]);
  assert.deepEqual(unpack(sequential[255]!), [253, 231, 37, 255]);
});

test('zero of the noised label is white', () => {
  const range = noiseRange([Float32Array.of(-3, 1, 2), Float32Array.of(0.5)]);
  assert.deepEqual(range, { min: -3, max: 3 });
  const out = new Uint32Array(1);
  paintHeatmap(Float32Array.of(0), range, diverging, out);
  assert.ok(unpack(out[0]!).every((part) => part > 240));
});

test('a constant map is painted without dividing by zero', () => {
  const out = new Uint32Array(1);
  paintHeatmap(Float32Array.of(2), { min: 2, max: 2 }, sequential, out);
  assert.equal(out[0], sequential[0]);
  assert.deepEqual(noiseRange([new Float32Array(4)]), { min: -1, max: 1 });
});

test('quantiles ignore what is not finite', () => {
  assert.equal(quantile(Float32Array.of(5, Number.NaN, 1, 3, Number.POSITIVE_INFINITY), 0.5), 3);
  assert.ok(Number.isNaN(quantile(new Float32Array(), 0.5)));
});

test('difficulty ends at 1, begins at the hardest pixels, and is never stretched to nothing', () => {
  const ramp = Float32Array.from({ length: 100 }, (_, i) => 0.4 + 0.006 * i);
  const { min, max } = difficultyRange(ramp, true);
  assert.equal(max, 1);
  assert.ok(Math.abs(min - 0.412) < 1e-5, String(min));
  assert.deepEqual(difficultyRange(ramp, false), { min: 0, max: 1 });
  assert.deepEqual(difficultyRange(Float32Array.of(1, 1), true), { min: 0.95, max: 1 });
});

test('every pair of answers has its outcome', () => {
  const label = Uint8Array.of(255, 3, 3, 3, 3, 3);
  const student = Uint8Array.of(3, 3, 1, 3, 1, 1);
  const teacher = Uint8Array.of(3, 3, 3, 1, 1, 2);
  const out = new Uint8Array(6);
  const counts = compare(label, student, teacher, out);
  assert.deepEqual(
    [...out],
    [
      outcome.ignored,
      outcome.right,
      outcome.studentWrong,
      outcome.teacherWrong,
      outcome.sameMistake,
      outcome.ownMistakes,
    ],
  );
  assert.deepEqual([...counts], [1, 1, 1, 1, 1, 1]);
});

test('without a teacher the student is right or wrong', () => {
  const out = new Uint8Array(2);
  compare(Uint8Array.of(1, 1), Uint8Array.of(1, 2), undefined, out);
  assert.deepEqual([...out], [outcome.right, outcome.studentWrong]);
  assert.deepEqual(shownOutcomes('all', false), ['studentWrong']);
});

test('a mode paints its outcomes and no others', () => {
  const painted = (mode: 'all' | 'errors' | 'disagreement') =>
    Object.values(outcome).filter((kind) => differenceTable(mode, 1)[kind] !== 0);
  assert.deepEqual(painted('all'), [2, 3, 4, 5]);
  assert.deepEqual(painted('errors'), [2, 4, 5]);
  assert.deepEqual(painted('disagreement'), [2, 3, 5]);
});

test('the mask shows three kinds of hard pixels in three colours and lets easy ones through', () => {
  const table = maskTable(1);
  assert.equal(table[0], 0);
  assert.equal(new Set([table[1], table[2], table[3]]).size, 3);
});
