import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import { type OhemOptions, ohem } from '../../../src/distill/losses/ohem';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';

/** Values and gradients against PyTorch are in test/golden/hard-pixel-cases.ts. */
let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});

const FORMS = ['stdc', 'mmseg'] as const;

/** Loss of a row of pixels and what each of them contributes; -1 in `losses` is an ignored pixel. */
function mine(losses: number[], options: OhemOptions) {
  const { tf } = engine;
  return tf.tidy(() => {
    const shape: [number, number, number] = [1, 1, losses.length];
    const labels = tf.tensor3d(
      losses.map((v) => (v < 0 ? -1 : 0)),
      shape,
      'int32',
    );
    const map = tf.tensor3d(
      losses.map((v) => Math.max(v, 0)),
      shape,
    );
    const { value, grad } = tf.valueAndGrad((m) => ohem(engine, m as Tensor3D, labels, options))(map);
    return { value: value.dataSync()[0]!, shares: [...grad.dataSync()] };
  });
}

test('of pixels with equal losses the first are kept, no more than asked for', () => {
  const { value, shares } = mine([0.25, 0.25, 0.25, 0.25], { form: 'stdc', threshold: 0.5, minKept: 2 });
  assert.deepEqual(shares, [0.5, 0.5, 0, 0]);
  assert.equal(value, 0.25);
});

test('a pixel at the threshold is not hard', () => {
  const limit = Math.fround(-Math.log(0.5));
  // One above the limit, so that the floor of one pixel plays no part.
  for (const form of FORMS) {
    const { shares } = mine([limit - 1e-6, 1, 2, 0.1], { form, threshold: 0.5, minKept: 1 });
    assert.deepEqual(
      shares.map((v) => v > 0),
      [false, true, true, false],
    );
  }
});

test('without a labelled pixel the loss is 0', () => {
  for (const form of FORMS)
    assert.equal(mine([-1, -1, -1], { form, threshold: 0.7, minKept: 2 }).value, 0, form);
});

test('a floor beyond the labelled pixels: STDC counts ignored ones, mmsegmentation leaves the easiest out', () => {
  const losses = [0.2, -1, 0.1, -1];
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-7, `${a} is not ${b}`);
  close(mine(losses, { form: 'stdc', threshold: 0.7, minKept: 3 }).value, 0.3 / 3);
  close(mine(losses, { form: 'stdc', threshold: 0.7, minKept: 9 }).value, 0.3 / 4);
  close(mine(losses, { form: 'mmseg', threshold: 0.7, minKept: 9 }).value, 0.2 / 4);
});
