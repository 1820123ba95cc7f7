import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClassCodes, ladLabelChannel } from '../../../src/distill/losses/lad-label-channel';

const noise = [0, 0, 0, 0];

test('ignored pixels have the code after the last class', () => {
  const channel = ladLabelChannel([0, 1, -1, 1], 1, { classes: 2, codes: [[1, 2, 4]], noise, scale: 10 });
  assert.deepEqual([...channel], [10, 20, 40, 20]);
});

test('each image has its own codes, or all share one table', () => {
  const labels = [0, 1, 0, 1];
  const tables = {
    classes: 2,
    codes: [
      [1, 2, 0],
      [3, 4, 0],
    ],
    noise,
    scale: 1,
  };
  assert.deepEqual([...ladLabelChannel(labels, 2, tables)], [1, 2, 3, 4]);
  assert.deepEqual([...ladLabelChannel(labels, 2, { ...tables, codes: [[1, 2, 0]] })], [1, 2, 1, 2]);
});

test('noise is added before scaling', () => {
  const channel = ladLabelChannel([0], 1, { classes: 1, codes: [[1, 0]], noise: [0.25], scale: 100 });
  assert.deepEqual([...channel], [125]);
});

test('a table of the wrong length, or none for an image, is refused', () => {
  const options = { classes: 2, codes: [[1, 2]], noise, scale: 1 };
  assert.throws(() => ladLabelChannel([0], 1, options), /Image 0 needs a table of 3 codes .* got 2/);
  const two = {
    ...options,
    codes: [
      [1, 2, 3],
      [1, 2, 3],
    ],
  };
  assert.throws(() => ladLabelChannel([0, 0, 0], 3, two), /Image 2 needs a table of 3 codes .* got none/);
});

test('fixed codes of other class counts are centred and 0.1 apart', () => {
  const codes = fixedClassCodes(8);
  assert.equal(codes.length, 9);
  assert.equal(codes[0], -0.45);
  assert.equal(codes[8], 0.35);
});
