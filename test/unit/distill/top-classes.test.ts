import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strideFor, topClasses } from '../../../src/distill/top-classes';

test('the three most probable classes of every pixel, most probable first', () => {
  const probabilities = Float32Array.from([0.1, 0.4, 0.2, 0.3, 1, 0, 0, 0, 0.25, 0.25, 0.3, 0.2]);
  assert.deepEqual(
    [...topClasses(probabilities, 4)],
    [
      ...[1, 3, 2, 102, 77, 51],
      ...[0, 1, 2, 255, 0, 0],
      // Equal ones in the order of their ids, as argmax does it.
      ...[2, 0, 1, 77, 64, 64],
    ],
  );
});

test('where there are fewer than three classes the rest is none', () => {
  assert.deepEqual([...topClasses(Float32Array.from([0.2, 0.8]), 2)], [1, 0, 255, 204, 51, 0]);
});

test('small pictures are kept whole, large ones thinned', () => {
  assert.equal(strideFor(360, 480), 1);
  assert.equal(strideFor(512, 512), 1);
  assert.equal(strideFor(1024, 2048), 3);
});
