import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import type { Shape4 } from '../../../src/engine/ops/kernels';
import { RandomStream } from '../../../src/engine/random';
import type { TensorFlowBinding } from '../../../src/engine/tensorflow/binding';
import { tensorflowConv } from '../../../src/engine/tensorflow/conv';
import { cpuConv } from '../../../src/engine/tensorflow/cpu/conv';
import { RawOperations } from '../../../src/engine/tensorflow/raw';
import { findTensorFlow } from '../../../src/engine/tensorflow-home';

const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';
const skip = search.found || required ? false : search.reason;

/** Winograd's filtering rounds more than the direct way: a part of the largest value. */
const TOLERANCE = { direct: 3e-6, winograd: 5e-5 };

interface Case {
  name: string;
  way: keyof typeof TOLERANCE;
  input: Shape4;
  to: number;
  kernel: number;
  stride?: number;
  dilation?: number;
  padding?: number;
}

/** Levels of vector instructions that the addon knows; the one that is named is the best it may choose. */
export type Vectors = 'avx512' | 'avx2' | 'baseline';

/** Sizes that leave over rows, columns, channels and tiles of every kind; small filters and filters beyond a cache. */
const cases: Case[] = [
  { name: 'few channels', way: 'winograd', input: [2, 17, 22, 64], to: 64, kernel: 3, padding: 1 },
  { name: 'half a panel', way: 'winograd', input: [1, 9, 8, 80], to: 112, kernel: 3, padding: 1 },
  { name: 'dilated', way: 'winograd', input: [2, 24, 25, 64], to: 96, kernel: 3, dilation: 2, padding: 2 },
  {
    name: 'many channels',
    way: 'winograd',
    input: [1, 16, 16, 256],
    to: 192,
    kernel: 3,
    dilation: 4,
    padding: 4,
  },
  {
    name: 'more tiles than at once',
    way: 'winograd',
    input: [1, 96, 96, 192],
    to: 144,
    kernel: 3,
    padding: 1,
  },
  { name: '1x1', way: 'direct', input: [2, 13, 11, 72], to: 45, kernel: 1 },
  { name: '1x1, strided', way: 'direct', input: [2, 13, 12, 24], to: 40, kernel: 1, stride: 2 },
  { name: '3x3, strided', way: 'direct', input: [2, 15, 18, 20], to: 33, kernel: 3, stride: 2, padding: 1 },
  {
    name: '3x3, taps beyond the image',
    way: 'direct',
    input: [1, 10, 9, 64],
    to: 64,
    kernel: 3,
    dilation: 8,
    padding: 8,
  },
  { name: '1x1, long rows of results', way: 'direct', input: [1, 14, 13, 40], to: 560, kernel: 1 },
  {
    name: '3x3, many pixels, few of which see all taps',
    way: 'direct',
    input: [2, 20, 21, 40],
    to: 300,
    kernel: 3,
    dilation: 7,
    padding: 7,
  },
  { name: '3x3 without padding', way: 'direct', input: [1, 10, 9, 16], to: 7, kernel: 3 },
];

/** Convolutions of our own beside those of TensorFlow. The level holds for the process: one per test file. */
export function describeConvolutions(vectors: Vectors): void {
  process.env.DISTILL_VECTORS = vectors;
  describe(`convolutions of our own with ${vectors} beside those of TensorFlow`, { skip }, () => {
    const open = async (): Promise<{ engine: Engine; raw: RawOperations }> => {
      const engine = await openEngine('tensorflow');
      const backend = engine.tf.backend() as unknown as { binding: TensorFlowBinding };
      return { engine, raw: new RawOperations(backend, backend.binding) };
    };

    for (const { name, way, input, to, kernel, stride = 1, dilation = 1, padding = 0 } of cases)
      it(`${way}: ${name}`, async (t) => {
        const { engine, raw } = await open();
        if (engine.device !== 'cpu') return t.skip('they work on the CPU');
        const { tf } = engine;
        const theirs = tensorflowConv(tf, raw);
        const ours = cpuConv(raw, theirs);
        const g = { stride, dilation, padding };
        const [n, h, w, from] = input;
        if (way === 'winograd') assert.ok(raw.binding.winogradFits(n, h, w, dilation, from, to));
        const stream = RandomStream.seeded(5, name);
        const random = (shape: number[]) =>
          tf.tensor(
            stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b))),
            shape as Shape4,
          ) as Tensor4D;
        tf.tidy(() => {
          const x = random(input);
          const filter = random([kernel, kernel, from, to]);
          const y = theirs.conv(x, filter, g);
          const dy = random(y.shape);
          const tolerance = TOLERANCE[way];
          close(tf, ours.conv(x, filter, g), y, tolerance);
          close(
            tf,
            ours.convInputGrad(dy, filter, input, g),
            theirs.convInputGrad(dy, filter, input, g),
            tolerance,
          );
          const filterShape: Shape4 = [kernel, kernel, from, to];
          close(
            tf,
            ours.convFilterGrad(x, dy, filterShape, g),
            theirs.convFilterGrad(x, dy, filterShape, g),
            tolerance,
          );
        });
      });

    it('folds a frozen norm, an addition and ReLU into either kind', async () => {
      const { engine } = await open();
      const { tf, ops } = engine;
      const stream = RandomStream.seeded(6, 'folded');
      const random = (shape: number[], mean = 0): Tensor =>
        tf.add(
          tf.tensor(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b)), 0.3), shape),
          mean,
        );
      for (const [from, kernel] of [
        [64, 3],
        [24, 1],
      ] as const)
        tf.tidy(() => {
          const x = random([2, 11, 10, from]) as Tensor4D;
          const filter = random([kernel, kernel, from, 64]) as Tensor4D;
          const geometry = { stride: 1, dilation: 1, padding: kernel === 3 ? 1 : 0 };
          const [gamma, beta, mean, variance] = [1, 0.1, 0.2, 1].map((m) => tf.abs(random([64], m))) as [
            never,
            never,
            never,
            never,
          ];
          const norm = { gamma, beta, mean, variance, epsilon: 1e-5 };
          const added = random([2, 11, 10, 64]) as Tensor4D;
          const folded = ops.convNormFrozen(x, filter, geometry, norm, { added, relu: true });
          const steps = ops.batchNormFrozen(
            ops.conv2d(x, filter, geometry),
            gamma,
            beta,
            mean,
            variance,
            1e-5,
          );
          close(tf, folded, tf.relu(tf.add(steps, added)), TOLERANCE.winograd);
        });
    });
  });
}

function close(tf: Engine['tf'], actual: Tensor, expected: Tensor, tolerance: number): void {
  assert.deepEqual(actual.shape, expected.shape);
  const scale = tf.max(tf.abs(expected)).dataSync()[0]!;
  const error = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
  assert.ok(error <= tolerance * scale, `off by ${error} of ${scale}`);
}
