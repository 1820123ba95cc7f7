import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { similarityKl } from '../../../src/distill/losses/similarity-kl';
import { openEngine } from '../../../src/engine/open';
import { wave } from '../../golden/inputs';

test('similarities that are computed a part at a time are the same, and so are the gradients of both sides', async () => {
  const engine = await openEngine('wasm');
  const { tf } = engine;
  const rows = (count: number, dimensions: number, a: number): Tensor2D =>
    tf.tensor2d(Float32Array.from(wave(count * dimensions, a, 0.2, 1)), [count, dimensions]);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const teacher = { anchors: rows(7, 5, 0.37), keys: rows(6, 5, 0.53) };
    // Weights, so that a mixed-up order of rows would show.
    const weights = tf.range(1, 22);
    const compute = (atOnce: number) => {
      const loss = (anchors: Tensor, keys: Tensor) => {
        const student = { anchors: anchors as Tensor2D, keys: keys as Tensor2D };
        const options = { temperature: 0.3, sets: 3, learnKeys: true, atOnce };
        return tf.sum(tf.mul(similarityKl(engine, student, teacher, options), weights));
      };
      const { value, grads } = tf.valueAndGrads(loss)([rows(7, 4, 0.7), rows(6, 4, 0.9)]);
      return [value, ...grads].map((t) => t.dataSync<'float32'>());
    };
    const whole = compute(1000);
    // One, two and three anchors at a time; the last part is smaller.
    for (const atOnce of [1, 12, 18])
      compute(atOnce).forEach((part, i) => {
        assert.equal(part.length, [1, 28, 24][i]);
        for (const [j, v] of part.entries())
          assert.ok(Math.abs(v - whole[i]![j]!) < 1e-4 * Math.max(1, Math.abs(v)));
      });
  });
  assert.equal(tf.memory().numTensors, before);
});
