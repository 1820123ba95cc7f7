import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { variableGradients } from '../../../src/engine/gradients';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { useSoftwareAdapter } from '../../lib/software-gpu';

const STEPS = 200;
const [N, SIZE, CLASSES, WIDTH] = [1, 8, 3, 4];
const skip = useSoftwareAdapter();

/** A software adapter takes a second for a step of a whole network: here a few layers stand for it. */
describe(`${STEPS} steps on the webgpu engine`, { skip }, () => {
  it('leave no tensor and no memory behind', async () => {
    const { tf, ops } = await openEngine('webgpu');
    const random = RandomStream.seeded(1, 'leaks');
    const normal = (shape: number[]) =>
      tf.tensor(random.fillNormal(new Float32Array(shape.reduce((a, b) => a * b))), shape);
    const variable = (value: Tensor) => tf.tidy(() => tf.variable(value));
    const weights = {
      filter: variable(normal([3, 3, 3, WIDTH])),
      gamma: variable(tf.ones([WIDTH])),
      beta: variable(tf.zeros([WIDTH])),
      head: variable(normal([1, 1, WIDTH, CLASSES])),
    };
    const running = { mean: variable(tf.zeros([WIDTH])), variance: variable(tf.ones([WIDTH])) };
    const of = <T extends Tensor>(v: Variable) => v as unknown as T;
    const [filter, head] = [of<Tensor4D>(weights.filter), of<Tensor4D>(weights.head)];
    const [gamma, beta] = [of<Tensor1D>(weights.gamma), of<Tensor1D>(weights.beta)];
    const updated = Object.values(weights);
    const velocities = updated.map((weight) => variable(tf.zeros(weight.shape)));
    const geometry = { stride: 1, dilation: 2, padding: 2 };
    const rows = (z: Tensor4D) => tf.reshape(z, [-1, CLASSES]) as Tensor2D;

    const step = (read: boolean) =>
      tf.tidy(() => {
        const x = normal([N, SIZE, SIZE, 3]) as Tensor4D;
        const ids = Int32Array.from({ length: N * SIZE * SIZE }, () => random.int(CLASSES + 1) - 1);
        const labels = tf.tensor3d(ids, [N, SIZE, SIZE], 'int32') as Tensor3D;
        const logits = (features: Tensor4D) =>
          ops.conv2d(ops.maxPool(features, 3, 2, 1), head, { stride: 1, dilation: 1, padding: 0 });
        const norm = {
          gamma,
          beta,
          mean: of<Tensor1D>(running.mean),
          variance: of<Tensor1D>(running.variance),
        };
        const frozen = ops.convNormFrozen(x, filter, geometry, { ...norm, epsilon: 1e-5 }, { relu: true });
        const taught = tf.keep(logits(frozen));
        const loss = () => {
          const { y, batch } = ops.batchNormTrain(ops.conv2d(x, filter, geometry), gamma, beta, 1e-5, {
            relu: true,
          });
          ops.blend(
            [
              { target: running.mean, value: batch!.mean },
              { target: running.variance, value: batch!.variance },
            ],
            0.1,
          );
          const z = logits(y);
          const task = ops.crossEntropyMap(ops.resizeBilinear(z, [SIZE, SIZE], true), labels);
          return tf.add(tf.mean(task), tf.mean(ops.klRows(rows(z), rows(taught), 2))) as Scalar;
        };
        const { value, grads } = variableGradients(tf, loss, updated);
        const updates = updated.map((weight, i) => ({
          weight,
          gradient: grads[weight.name]!,
          velocity: velocities[i]!,
        }));
        ops.sgdStep(updates, { lr: 0.01, momentum: 0.9, weightDecay: 1e-4 });
        taught.dispose();
        return read ? value.dataSync()[0]! : 0;
      });
    const counts = () => {
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return { numTensors, numDataBuffers, numBytes };
    };

    step(true);
    const before = counts();
    for (let i = 0; i < STEPS; i++) assert.ok(Number.isFinite(step(i % 10 === 0)));
    assert.deepEqual(counts(), before);
  });
});
