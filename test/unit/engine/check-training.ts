import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { RandomStream } from '../../../src/engine/random';
import { DistillError } from '../../../src/protocol/errors';
import { assertClose } from './check-engine';
import { channelStatistics } from './reference';

const OPTIONS = { lr: 0.05, momentum: 0.9, weightDecay: 0.01 };

/** What a training does with an engine beyond single operations. */
export function describeTraining(name: string, open: () => Promise<Engine>, skip: string | false): void {
  describe(`training on the ${name} engine`, { skip }, () => {
    it('updates weights as torch.optim.SGD defines it', async () => {
      const { tf, ops } = await open();
      const stream = RandomStream.seeded(1, 'sgd');
      const w = Float64Array.from({ length: 6 }, () => stream.normal());
      const m = new Float64Array(6);
      const weight = tf.variable(tf.tensor(Float32Array.from(w), [2, 3]));
      const velocity = tf.variable(tf.zeros([2, 3]));
      const old = tf.clone(weight);
      const oldVelocity = tf.clone(velocity);
      const before = tf.memory().numTensors;
      for (let step = 0; step < 4; step++) {
        const g = w.map(() => stream.normal());
        const gradient = tf.tensor(Float32Array.from(g), [2, 3]);
        ops.sgdStep([{ weight, gradient, velocity }], OPTIONS);
        gradient.dispose();
        w.forEach((v, i) => {
          m[i] = OPTIONS.momentum * m[i]! + g[i]! + OPTIONS.weightDecay * v;
          w[i] = v - OPTIONS.lr * m[i]!;
        });
      }
      assert.equal(tf.memory().numTensors, before, 'tensors left behind, outside any tidy');
      assertClose(weight.dataSync(), w, 'weight');
      assertClose(velocity.dataSync(), m, 'velocity');
      // Clones taken before (a checkpoint being written) keep their values.
      assert.notDeepEqual([...old.dataSync()], [...weight.dataSync()]);
      assert.deepEqual([...oldVelocity.dataSync()], [0, 0, 0, 0, 0, 0]);
      tf.dispose([weight, velocity, old, oldVelocity]);
    });

    it('reports the mean and the unbiased variance of a batch', async () => {
      const { tf, ops } = await open();
      const stream = RandomStream.seeded(2, 'norm');
      const x = { shape: [2, 3, 4, 3], data: Float64Array.from({ length: 72 }, () => 5 + stream.normal()) };
      const { mean, variance, count } = channelStatistics(x);
      const { y, batch } = ops.batchNormTrain(
        tf.tensor4d(Float32Array.from(x.data), [2, 3, 4, 3]),
        tf.ones([3]) as Tensor1D,
        tf.zeros([3]) as Tensor1D,
        1e-5,
      );
      assertClose(batch!.mean.dataSync(), mean, 'mean');
      assertClose(
        batch!.variance.dataSync(),
        variance.map((v) => (v * count) / (count - 1)),
        'variance',
      );
      tf.dispose([y, batch!.mean, batch!.variance]);
    });

    it('sends the gradient of equal values in a pool to the first in row order, as PyTorch', async () => {
      const { tf, ops } = await open();
      // Common after a ReLU: whole windows of zeros.
      const x = tf.tensor4d([0, 0, 0, 0, 1, 1], [1, 2, 3, 1]);
      const gradient = tf.tidy(() => tf.grad((t) => tf.sum(ops.maxPool(t as Tensor4D, 2, 1, 0)))(x));
      assert.deepEqual([...gradient.dataSync()], [0, 0, 0, 0, 2, 0]);
      const zeros = tf.zeros([1, 2, 2, 1]);
      const ofZeros = tf.tidy(() => tf.grad((t) => tf.sum(ops.maxPool(t as Tensor4D, 2, 2, 0)))(zeros));
      assert.deepEqual([...ofZeros.dataSync()], [1, 0, 0, 0]);
      tf.dispose([x, gradient, zeros, ofZeros]);
    });

    it('learns, repeats bit for bit and leaves no tensor behind', async () => {
      const engine = await open();
      const first = trainTinyNetwork(engine);
      const second = trainTinyNetwork(engine);
      assert.deepEqual(second, first);
      assert.ok(first.losses.at(-1)! < 0.7 * first.losses[0]!, `losses ${first.losses}`);
      assert.equal(new Set(first.tensors.slice(1)).size, 1, `numbers of tensors ${first.tensors}`);
    });

    it('has gradients for the plain operations networks and losses are made of', async () => {
      const { tf } = await open();
      const x = tf.tensor2d([0.5, -1.5, 2, 0.25, 1, -0.75], [2, 3]);
      const y = tf.tensor2d([1, 2, -1, 0.5, 0.3, -2], [3, 2]);
      const f = (a: Tensor2D, b: Tensor2D): Scalar => {
        const product = tf.matMul(a, b);
        const soft = tf.softmax(product);
        const joined = tf.concat([tf.mul(soft, product), tf.transpose(tf.exp(tf.neg(product)))], 1);
        const padded = tf.pad(tf.slice(joined, [0, 1], [2, 3]), [
          [1, 0],
          [0, 1],
        ]);
        const squared = tf.square(tf.reshape(padded, [12]));
        const norm = tf.sqrt(tf.add(tf.sum(squared), 1));
        return tf.div(tf.mean(tf.log(tf.add(squared, 1))), norm).asScalar();
      };
      const gradients = tf.grads(f as never)([x, y]);
      for (const [k, input] of [x, y].entries()) {
        const values = input.dataSync();
        const numeric = Float64Array.from(values, (_, i) => {
          const at = (by: number) => {
            const moved = tf.tensor2d(
              values.map((v, j) => (j === i ? v + by : v)),
              input.shape as [number, number],
            );
            return (k === 0 ? f(moved, y) : f(x, moved)).dataSync()[0]!;
          };
          return (at(1e-2) - at(-1e-2)) / 2e-2;
        });
        const actual = gradients[k]!.dataSync();
        // Differences of float32 results over a step of 0.01: good to a few thousandths.
        for (let i = 0; i < numeric.length; i++)
          assert.ok(
            Math.abs(actual[i]! - numeric[i]!) < 3e-3,
            `input ${k} [${i}]: ${actual[i]} ${numeric[i]}`,
          );
      }
    });

    it('refuses what it cannot compute, saying what to do', async () => {
      const { tf, ops } = await open();
      const x = tf.zeros([1, 4, 4, 2]) as Tensor4D;
      const refused = (f: () => unknown, message: RegExp) =>
        assert.throws(
          f,
          (e: unknown) =>
            e instanceof DistillError && e.code === 'engine-operation' && message.test(e.message),
        );
      const one = { stride: 1, dilation: 1, padding: 0 };
      refused(() => ops.conv2d(x, tf.zeros([3, 3, 5, 2]), one), /\[1,4,4,2\].*\[3,3,5,2\]/);
      refused(() => ops.conv2d(x, tf.zeros([5, 5, 2, 2]), one), /spanning 5 does not fit into 4/);
      refused(() => ops.conv2d(x, tf.zeros([3, 3, 2, 2]), { ...one, stride: 0 }), /stride is 0/);
      refused(() => ops.maxPool(x, 3, 2, 2), /padding is 2/);
      refused(() => ops.adaptiveAvgPool(x, 0), /bins is 0/);
      refused(() => ops.crossEntropyMap(x, tf.zeros([1, 4, 3], 'int32')), /labels int32 \[1,4,3\]/);
      refused(() => ops.crossEntropyMap(x, tf.fill([1, 4, 4], 2, 'int32')), /label 2 of 2 classes/);
      refused(
        () => ops.batchNormTrain(tf.zeros([1, 1, 1, 2]), tf.ones([2]), tf.zeros([2]), 1e-5),
        /no variance/,
      );
    });
  });
}

/** Two convolutions with batch norm, told to find the sign of their input; everything a real step does, in small. */
function trainTinyNetwork({ tf, ops }: Engine): { losses: number[]; weights: number[]; tensors: number[] } {
  const stream = RandomStream.seeded(5, 'tiny');
  const normal = (shape: number[], std: number) =>
    tf.tensor(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1)), std), shape);
  // The tidy frees the initial tensors; variables outlive it.
  const variable = (initial: () => Tensor) => tf.tidy(() => tf.variable(initial()));
  const weights: Variable[] = [
    variable(() => normal([3, 3, 2, 8], 0.3)),
    variable(() => tf.ones([8])),
    variable(() => tf.zeros([8])),
    variable(() => normal([3, 3, 8, 2], 0.2)),
  ];
  const velocities = weights.map((w) => variable(() => tf.zeros(w.shape)));
  const x = normal([2, 9, 8, 2], 1) as Tensor4D;
  const labels = tf.tidy(() => tf.cast(tf.greater(tf.sum(x, -1), 0), 'int32') as Tensor3D);
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let step = 0; step < 8; step++) {
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => {
        const [w1, gamma, beta, w2] = weights as [Variable, Variable, Variable, Variable];
        const hidden = ops.conv2d(x, w1 as Tensor4D, { stride: 2, dilation: 1, padding: 1 });
        const norm = ops.batchNormTrain(hidden, gamma as Tensor1D, beta as Tensor1D, 1e-5).y;
        const pooled = ops.maxPool(ops.relu(norm), 3, 1, 1);
        const logits = ops.conv2d(pooled, w2 as Tensor4D, { stride: 1, dilation: 2, padding: 2 });
        const map = ops.crossEntropyMap(ops.resizeBilinear(logits, [9, 8], true), labels);
        return tf.mean(map) as Scalar;
      }, weights);
      losses.push(value.dataSync()[0]!);
      const updates = weights.map((weight, i) => ({
        weight,
        gradient: grads[weight.name]!,
        velocity: velocities[i]!,
      }));
      ops.sgdStep(updates, { lr: 0.2, momentum: 0.9, weightDecay: 1e-4 });
    });
    tensors.push(tf.memory().numTensors);
  }
  const values = weights.flatMap((w) => [...w.dataSync()]);
  tf.dispose([...weights, ...velocities, x, labels]);
  return { losses, weights: values, tensors };
}
