import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { detailLosses, detailTarget } from '../../src/distill/losses/detail';
import { type OhemOptions, ohem } from '../../src/distill/losses/ohem';
import type { Engine } from '../../src/engine/engine';
import { type Case, close, norm } from './cases';
import { labelMap, type Nchw, waveTensor } from './inputs';

/** Numbers of the same losses in PyTorch, written by pytorch/hard_pixels.py. */
interface Fixture {
  shape: Nchw;
  ohem: (OhemOptions & { loss: number; gradient: { norm: number; values: number[]; step: number } })[];
  detail: {
    labels: string[][];
    target: string[][];
    bce: number;
    dice: number;
    bceGradient: number[];
    diceGradient: number[];
  }[];
}
const fixture: Fixture = JSON.parse(readFileSync(join(__dirname, 'pytorch', 'hard_pixels.json'), 'utf8'));

/** A map written as rows of digits, `#` for ignored pixels. */
function parse(images: string[][]) {
  const shape = [images.length, images[0]!.length, images[0]![0]!.length] as const;
  return { shape, ids: labelMap(shape, (n, y, x) => (images[n]![y]![x] === '#' ? -1 : +images[n]![y]![x]!)) };
}

function labelTensor({ tf }: Engine, images: string[][]) {
  const { shape, ids } = parse(images);
  return tf.tensor3d(ids, [...shape], 'int32');
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], scale: number): void {
  for (const [i, v] of expected.entries())
    assert.ok(Math.abs(actual[i]! - v) <= 1e-4 * scale, `[${i}]: ${actual[i]} is not ${v}`);
}

export const hardPixelCases: Case[] = [
  ...fixture.ohem.map(({ loss, gradient, ...options }) => ({
    name: `OHEM as in ${options.form}, threshold ${options.threshold}, at least ${options.minKept} pixels`,
    run(engine: Engine) {
      const { tf, ops } = engine;
      const labels = labelTensor(engine, fixture.detail[0]!.labels);
      const logits = waveTensor(engine, fixture.shape, 0.61, 0.3, 2.5);
      const { value, grad } = tf.valueAndGrad((z) =>
        ohem(engine, ops.crossEntropyMap(z as Tensor4D, labels), labels, options),
      )(logits);
      close(value, loss);
      close(norm(grad), gradient.norm);
      const values = grad.dataSync<'float32'>().filter((_, i) => i % gradient.step === 0);
      assertClose(values, gradient.values, gradient.norm / 10);
    },
  })),
  ...fixture.detail.map((expected, i) => ({
    name: `detail target and losses, case ${i + 1}`,
    run(engine: Engine) {
      const { tf } = engine;
      const { shape, ids } = parse(expected.labels);
      const target = detailTarget(ids, shape);
      assert.deepEqual([...target], [...parse(expected.target).ids]);
      const logits = waveTensor(engine, [shape[0], 1, 4, 5], 0.83, 0.4, 2);
      for (const name of ['bce', 'dice'] as const) {
        const loss = (z: Tensor4D): Scalar =>
          detailLosses(engine, z, labelTensor(engine, expected.target))[name];
        const { value, grad } = tf.valueAndGrad(loss as never)(logits);
        close(value, expected[name]);
        assertClose(grad.dataSync(), expected[`${name}Gradient`], norm(grad) / 5);
      }
    },
  })),
];
