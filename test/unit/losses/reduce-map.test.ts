import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy } from '../../../src/distill/losses/cross-entropy';
import { detach } from '../../../src/distill/losses/detach';
import { ladConsistency } from '../../../src/distill/losses/lad-consistency';
import { tfeDifficulty, tfeWeights } from '../../../src/distill/losses/rdd-tfe';
import { tseWeights } from '../../../src/distill/losses/rdd-tse';
import { reduceMap } from '../../../src/distill/losses/reduce-map';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});

test('each reduction divides by what it says', () => {
  const { tf } = engine;
  const map = tf.tensor3d([1, 2, 0, 5], [1, 2, 2]);
  const labels = tf.tensor3d([0, 1, -1, 0], [1, 2, 2], 'int32');
  const weights = tf.tensor3d([1, 0.5, 9, 0], [1, 2, 2]);
  const value = (reduction: 'valid' | 'all' | 'weights', w?: Tensor3D) =>
    reduceMap(engine, map, labels, reduction, w).dataSync()[0]!;
  assert.ok(Math.abs(value('valid') - 8 / 3) < 1e-6);
  assert.equal(value('all'), 2);
  assert.ok(Math.abs(value('valid', weights) - 2 / 3) < 1e-6);
  assert.equal(value('all', weights), 0.5);
  // The weight of the ignored pixel does not count.
  assert.ok(Math.abs(value('weights', weights) - 2 / 1.5) < 1e-6);
});

test('weights that sum to less than one still divide by their sum', () => {
  const { tf } = engine;
  const labels = tf.tensor3d([0, 0], [1, 1, 2], 'int32');
  const weights = tf.tensor3d([0.25, 0], [1, 1, 2]);
  const map = tf.tensor3d([3, 7], [1, 1, 2]);
  assert.equal(reduceMap(engine, map, labels, 'weights', weights).dataSync()[0], 3);
});

test('what is detached has the values and no gradient', () => {
  const { tf } = engine;
  const x = tf.tensor1d([1, 2, 3]);
  const gradient = tf.grad((y) => tf.sum(tf.mul(y, detach(tf, y))))(x);
  assert.deepEqual([...gradient.dataSync()], [1, 2, 3]);
});

test('losses leave no tensor behind but their result', () => {
  const { tf } = engine;
  const logits = tf.randomNormal([1, 3, 4, 5], 0, 1, 'float32', 3) as Tensor4D;
  const up = tf.randomNormal([1, 6, 8, 5], 0, 1, 'float32', 4) as Tensor4D;
  const labels = tf.zeros([1, 6, 8], 'int32') as Tensor3D;
  const tse = {
    mode: 'xor',
    threshold: 0.7,
    minKept: 5,
    confidence: 'label',
    classWeights: [1, 1, 1, 1, 1],
  } as const;
  const makers: (() => object[])[] = [
    () => [crossEntropy(engine, logits, labels)],
    () => [ladConsistency(engine, logits, logits, { temperature: 4 })],
    () => {
      const map = tfeDifficulty(engine, logits, logits, { direction: 'aux-main' });
      return [map, tfeWeights(engine, map, [6, 8])];
    },
    () => Object.values(tseWeights(engine, up, up, labels, tse)),
  ];
  for (const make of makers) {
    const before = tf.memory().numTensors;
    const results = make();
    assert.equal(tf.memory().numTensors - before, results.length, `${make}`);
  }
});
