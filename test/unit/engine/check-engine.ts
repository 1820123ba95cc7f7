import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { RandomStream } from '../../../src/engine/random';
import { opCases } from './cases';
import type { Dense } from './reference';

/**
 * Engines compute in float32, the references in double. Largest error allowed, relative to the largest absolute value of
 * the result (sums of up to some hundred products of that size round to a few units of 6e-8 each).
 */
const TOLERANCE = 2e-5;
/** Step of the central differences, taken on the double-precision references. */
const STEP = 1e-5;

/** Every operation of `Ops`: values against plain loops, gradients against finite differences of those loops. */
export function describeOps(name: string, open: () => Promise<Engine>, skip: string | false): void {
  describe(`operations of the ${name} engine`, { skip }, () => {
    for (const c of opCases)
      it(c.name, async () => {
        const engine = await open();
        const { tf } = engine;
        const expected = c.expected(c.inputs);
        // The loss is a random weighting of the result, so that no gradient entry is hidden by symmetry.
        const stream = RandomStream.seeded(3, c.name);
        const weights = expected.data.map(() => stream.normal());
        const before = tf.memory().numTensors;
        const inputs = c.inputs.map((d) => tf.tensor(Float32Array.from(d.data), d.shape));
        const shape: number[] = [];
        let values: Float32Array | undefined;
        const loss = (...x: Tensor[]) => {
          const y = c.run(engine, x);
          shape.push(...y.shape);
          values = y.dataSync() as Float32Array;
          return tf.sum(tf.mul(y, tf.tensor(Float32Array.from(weights), expected.shape)));
        };
        const gradients = tf.tidy(() => tf.grads(loss)(inputs));
        assert.deepEqual(shape, expected.shape);
        assertClose(values!, expected.data, 'values');
        if (c.alsoWithoutGradient) {
          const alone = tf.tidy(() => c.run(engine, inputs).dataSync());
          assertClose(alone, expected.data, 'values where no gradient is recorded');
        }
        for (const [k, gradient] of gradients.entries()) {
          assert.deepEqual(gradient.shape, c.inputs[k]!.shape);
          assertClose(
            gradient.dataSync() as Float32Array,
            finiteDifferences(c.expected, c.inputs, k, weights),
            `gradient of input ${k}`,
          );
        }
        tf.dispose(gradients);
        tf.dispose(inputs);
        assert.equal(tf.memory().numTensors, before, 'tensors left behind');
      });
  });
}

function finiteDifferences(
  f: (inputs: Dense[]) => Dense,
  inputs: Dense[],
  k: number,
  weights: Float64Array,
): Float64Array {
  const loss = (i: number, by: number) => {
    const moved = inputs.map((d) => ({ shape: d.shape, data: d.data.slice() }));
    moved[k]!.data[i]! += by;
    return f(moved).data.reduce((sum, v, j) => sum + v * weights[j]!, 0);
  };
  return inputs[k]!.data.map((_, i) => (loss(i, STEP) - loss(i, -STEP)) / (2 * STEP));
}

export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: number of values`);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= TOLERANCE * scale))
      assert.fail(`${what}: [${i}] is ${actual[i]}, expected ${expected[i]}`);
}
