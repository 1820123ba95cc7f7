import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { attentionTransfer } from '../../../src/distill/losses/attention-transfer';
import { cirkdMemory, cirkdMiniBatch } from '../../../src/distill/losses/cirkd';
import { crossEntropy, resizeToLabels } from '../../../src/distill/losses/cross-entropy';
import { cwd } from '../../../src/distill/losses/cwd';
import { dist } from '../../../src/distill/losses/dist';
import { dsdCategory, dsdPixel } from '../../../src/distill/losses/dsd';
import { fitnet } from '../../../src/distill/losses/fitnet';
import { ifvd } from '../../../src/distill/losses/ifvd';
import { kd } from '../../../src/distill/losses/kd';
import { ladConsistency } from '../../../src/distill/losses/lad-consistency';
import { pixelKl } from '../../../src/distill/losses/pixel-kl';
import { rddTfeWeights } from '../../../src/distill/losses/rdd-tfe';
import { rddTseMask } from '../../../src/distill/losses/rdd-tse';
import { skdPairwise } from '../../../src/distill/losses/skd-pairwise';
import { embeddings } from '../../../src/distill/methods/cirkd-memory';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { wave } from '../../golden/inputs';

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});

/** What a batch may be like; `scale` 0 is a network that says nothing, 60 one that is very sure. */
interface Batch {
  name: string;
  images?: number;
  classes?: number;
  size?: [number, number];
  labels?: (pixel: number, classes: number) => number;
  scale?: number;
}
const batches: Batch[] = [
  { name: 'one image' },
  { name: 'two classes', images: 2, classes: 2 },
  { name: 'ignored pixels alone', images: 2, labels: () => -1 },
  { name: 'a class that does not occur', images: 2, labels: (i, classes) => i % (classes - 1) },
  { name: 'one class alone', images: 2, labels: () => 1 },
  { name: 'a single position', images: 2, size: [1, 1] },
  { name: 'zeros', images: 2, scale: 0 },
  { name: 'saturated probabilities', images: 2, scale: 60 },
];

/** The student is what it is a function of; of logits and features it has one and the same map. */
const losses: Record<string, (student: Tensor4D, teacher: Tensor4D, labels: Tensor3D) => Scalar> = {
  crossEntropy: (s, _t, y) => crossEntropy(engine, s, y),
  kd: (s, t) => kd(engine, s, t, { temperature: 1 }),
  'kd, other way': (s, t) => kd(engine, s, t, { temperature: 1, direction: 'student-teacher' }),
  cwd: (s, t) => cwd(engine, s, t, { temperature: 4 }),
  pixelKl: (s, t) => pixelKl(engine, s, t, { temperature: 4 }),
  dist: (s, t) => dist(engine, s, t, { inter: 1, intra: 1, temperature: 1 }),
  skdPairwise: (s, t) => skdPairwise(engine, s, t),
  ifvd: (s, t, y) => ifvd(engine, s, t, y, { classes: s.shape[3] }),
  attentionTransfer: (s, t) => attentionTransfer(engine, s, t),
  fitnet: (s, t) => fitnet(engine, s, t),
  'dsd, pixels': (s, t) => dsdPixel(engine, [s, s, s], [t, t, t]),
  'dsd, categories': (s, t) => dsdCategory(engine, s, t, { temperature: 4 }),
  cirkdMiniBatch: (s, t) => cirkdMiniBatch(engine, s, t, { temperature: 0.1 }),
  cirkdMemory: (s, t) => {
    const keys = embeddings(engine, t);
    return cirkdMemory(engine, embeddings(engine, s), embeddings(engine, t), keys, { temperature: 0.1 });
  },
  ladConsistency: (s, t) => ladConsistency(engine, s, t, { temperature: 4 }),
  'ladConsistency, squared': (s, t) => ladConsistency(engine, s, t, { temperature: 4, distance: 'squared' }),
  'RDD, TFE': (s, t, y) => {
    const weights = rddTfeWeights(engine, t, t, { direction: 'aux-main', size: [y.shape[1], y.shape[2]] });
    return crossEntropy(engine, s, y, { reduction: 'all', weights });
  },
  'RDD, TSE': (s, t, y) => {
    const up = (z: Tensor4D) => resizeToLabels(engine, z, y);
    const options = { mode: 'xor', threshold: 0.7, minKept: 10, confidence: 'label' } as const;
    const weights = rddTseMask(engine, up(s), up(t), y, options);
    return crossEntropy(engine, s, y, { reduction: 'weights', weights });
  },
};

for (const { name, images = 1, classes = 4, size = [3, 5], labels, scale = 2 } of batches)
  test(`${name}: every loss and its gradient are numbers`, () => {
    const { tf } = engine;
    tf.tidy(() => {
      const [h, w] = size as [number, number];
      const shape: [number, number, number, number] = [images, h, w, classes];
      const map = (a: number, fn: (x: number) => number) =>
        tf.tensor4d(Float32Array.from(wave(images * h * w * classes, a, 0.3, scale, fn)), shape);
      const [student, teacher] = [map(0.7, Math.sin), map(0.9, Math.cos)];
      const rule = labels ?? ((i: number) => (i % (classes + 1)) - 1);
      const ids = Int32Array.from({ length: images * 4 * h * w }, (_, i) => rule(i, classes));
      const y = tf.tensor3d(ids, [images, 2 * h, 2 * w], 'int32');
      for (const [loss, compute] of Object.entries(losses)) {
        const { value, grad } = tf.valueAndGrad((s: Tensor) => compute(s as Tensor4D, teacher, y))(student);
        const found = value.dataSync()[0]!;
        assert.ok(Number.isFinite(found), `${loss} is ${found}`);
        assert.ok(grad.dataSync<'float32'>().every(Number.isFinite), `gradient of ${loss}`);
        if (name === 'ignored pixels alone' && /crossEntropy|RDD|ifvd/.test(loss)) {
          assert.equal(found, 0, loss);
          assert.ok(
            grad.dataSync<'float32'>().every((v) => v === 0),
            `gradient of ${loss}`,
          );
        }
      }
    });
  });

test('anchors that do not count are left out, and no anchor is no loss', () => {
  const { tf } = engine;
  tf.tidy(() => {
    const rows = (a: number, n: number) =>
      embeddings(engine, tf.tensor4d(Float32Array.from(wave(4 * n, a, 0.3, 1)), [1, 1, n, 4]));
    const [s, t, keys] = [rows(0.7, 5), rows(0.9, 5), rows(0.4, 6)];
    const loss = (counts: number[]) =>
      cirkdMemory(engine, s, t, keys, { temperature: 0.1, counts: tf.tensor1d(counts) }).dataSync()[0]!;
    const part = (from: number) =>
      cirkdMemory(engine, tf.slice(s, [from, 0], [1, 4]), tf.slice(t, [from, 0], [1, 4]), keys, {
        temperature: 0.1,
      }).dataSync()[0]!;
    assert.ok(Math.abs(loss([0, 1, 0, 1, 0]) - (part(1) + part(3)) / 2) < 1e-5);
    assert.equal(loss([0, 0, 0, 0, 0]), 0);
  });
});
