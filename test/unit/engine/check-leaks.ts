import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { resizeToLabels } from '../../../src/distill/losses/cross-entropy';
import { Sgd } from '../../../src/distill/optimizer';
import { segmenterSpec } from '../../../src/distill/stages';
import type { Engine } from '../../../src/engine/engine';
import { variableGradients } from '../../../src/engine/gradients';
import { RandomStream } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import { configSchema } from '../../../src/protocol/config';

const STEPS = 200;
const [N, SIZE, CLASSES] = [2, 16, 3];

/** A network trains for 200 steps beside a frozen one and is evaluated: nothing may be left of any step. */
export function describeLeaks(name: string, open: () => Promise<Engine>, skip: string | false): void {
  describe(`${STEPS} steps on the ${name} engine`, { skip }, () => {
    it('leave no tensor behind, in TensorFlow.js or under it', async () => {
      const engine = await open();
      const { tf, ops } = engine;
      const config = configSchema.parse({
        dataset: { kind: 'sample' },
        methods: [],
        student: { width: 0.0625 },
      });
      const spec = segmenterSpec(config, 'student', CLASSES, 0);
      const [network, teacher] = ['a', 'b'].map((seed) =>
        buildSegmenter(engine, spec, RandomStream.seeded(1, seed)),
      ) as [ReturnType<typeof buildSegmenter>, ReturnType<typeof buildSegmenter>];
      const optimizer = new Sgd(engine, network, { momentum: 0.9, weightDecay: 1e-4 });
      const dropout = RandomStream.seeded(2, 'dropout');
      const noise = RandomStream.seeded(3, 'images');

      const step = () =>
        tf.tidy(() => {
          const pixels = noise.fillNormal(new Float32Array(N * SIZE * SIZE * 3));
          const x = tf.tensor4d(pixels, [N, SIZE, SIZE, 3]);
          const ids = Int32Array.from({ length: N * SIZE * SIZE }, () => noise.int(CLASSES + 1) - 1);
          const labels = tf.tensor3d(ids, [N, SIZE, SIZE], 'int32');
          const taught = teacher.predict(x);
          const loss = () => {
            const { logits, aux } = network.forward(x, { batchNorm: 'train', dropout });
            const task = (z: Tensor4D) =>
              tf.mean(ops.crossEntropyMap(resizeToLabels(engine, z, labels as Tensor3D), labels));
            const kd = tf.mean(ops.klRows(rows(logits), rows(taught), 2));
            return tf.addN([task(logits), kd, ...aux.map(({ logits: z }) => task(z))]) as Scalar;
          };
          const rows = (z: Tensor4D) => tf.reshape(z, [-1, CLASSES]) as never;
          const { value, grads } = variableGradients(tf, loss, [...optimizer.weights.values()]);
          optimizer.apply(grads, 0.01);
          return value.dataSync()[0]!;
        });

      step();
      const before = counts(engine);
      for (let i = 0; i < STEPS; i++) assert.ok(Number.isFinite(step()));
      assert.deepEqual(counts(engine), before);
      optimizer.dispose();
      network.dispose();
      teacher.dispose();
    });
  });
}

/** Tensors and buffers that TensorFlow.js knows of, and, where an engine counts them, those below it. */
function counts({ tf }: Engine): Record<string, number> {
  const { numTensors, numDataBuffers } = tf.memory();
  const backend = tf.backend() as unknown as { getNumOfTFTensors?: () => number };
  return { numTensors, numDataBuffers, native: backend.getNumOfTFTensors?.() ?? 0 };
}
