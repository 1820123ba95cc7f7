import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { decide, type Inference, inferPixels, WHOLE_IMAGE } from '../../../src/distill/evaluation/inference';
import { scoreDataset } from '../../../src/distill/evaluation/score';
import { RandomStream } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import { engine as openEngine } from '../distill/support/runs';
import { CLASSES, sceneDataset } from '../distill/support/scenes';

const [HEIGHT, WIDTH] = [40, 56];

async function setUp() {
  const engine = await openEngine();
  const spec = {
    model: 'pspnet' as const,
    backbone: 'resnet18' as const,
    classes: CLASSES,
    inputChannels: 3,
    width: 0.0625,
    outputStride: 8 as const,
    auxHead: false,
    style: 'cirkd' as const,
  };
  const network = buildSegmenter(engine, spec, RandomStream.seeded(5, 'student'));
  const random = RandomStream.seeded(9, 'image');
  const pixels = random.fillNormal(new Float32Array(HEIGHT * WIDTH * 3), 60);
  const image = engine.tf.tensor4d(pixels, [1, HEIGHT, WIDTH, 3]);
  const infer = (options: Partial<Inference>): Float32Array => {
    const scores = inferPixels(engine, network, image, { ...WHOLE_IMAGE, ...options });
    assert.deepEqual(scores.shape, [1, HEIGHT, WIDTH, CLASSES]);
    const values = scores.dataSync<'float32'>().slice();
    scores.dispose();
    return values;
  };
  /** Logits of a part of the image at the part's own size. */
  const look = (top: number, left: number, height: number, width: number): Float32Array =>
    engine.tf.tidy(() => {
      const part = engine.tf.slice(image, [0, top, left, 0], [1, height, width, 3]) as Tensor4D;
      const { logits } = network.forward(part, { batchNorm: 'frozen', dropout: null });
      return engine.ops.resizeBilinear(logits, [height, width], true).dataSync<'float32'>().slice();
    });
  return { engine, network, image, infer, look };
}

function close(actual: Float32Array, wanted: ArrayLike<number>): void {
  const off = actual.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted[i]!)), 0);
  assert.ok(off < 1e-4, `largest difference ${off}`);
}

test('the whole image at once', async () => {
  const { infer, look } = await setUp();
  close(infer({}), look(0, 0, HEIGHT, WIDTH));
});

test('sliding windows: the last one moved back into the image, logits averaged where they overlap', async () => {
  const { infer, look } = await setUp();
  const [h, w] = [24, 32];
  const sum = new Float64Array(HEIGHT * WIDTH * CLASSES);
  const count = new Float64Array(HEIGHT * WIDTH);
  // 40 rows: 0 and, instead of 20, 16; 56 columns: 0, 20 and, instead of 40, 24.
  for (const top of [0, 16])
    for (const left of [0, 20, 24]) {
      const part = look(top, left, h, w);
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const p = (top + y) * WIDTH + left + x;
          count[p]! += 1;
          for (let c = 0; c < CLASSES; c++) sum[p * CLASSES + c]! += part[(y * w + x) * CLASSES + c]!;
        }
    }
  const mean = sum.map((v, i) => v / count[Math.floor(i / CLASSES)]!);
  close(infer({ slide: { window: [h, w], stride: [20, 20] } }), mean);
  close(infer({ slide: { window: [400, 400], stride: [20, 20] } }), look(0, 0, HEIGHT, WIDTH));
});

test('mirrored and scaled looks are averaged, as logits or as probabilities', async () => {
  const { engine, network, image, infer } = await setUp();
  const { tf, ops } = engine;
  const at = (scale: number, mirrored: boolean): Tensor4D => {
    const size: [number, number] = [Math.round(HEIGHT * scale), Math.round(WIDTH * scale)];
    const scaled = ops.resizeBilinear(image, size, true);
    const seen = mirrored ? tf.reverse(scaled, 2) : scaled;
    const { logits } = network.forward(seen, { batchNorm: 'frozen', dropout: null });
    const whole = ops.resizeBilinear(logits, [HEIGHT, WIDTH], true);
    return mirrored ? tf.reverse(whole, 2) : whole;
  };
  const mean = (of: (x: Tensor4D) => Tensor4D) =>
    tf.tidy(() =>
      tf
        .div(tf.addN([at(1, false), at(1, true), at(1.5, false), at(1.5, true)].map(of)), 4)
        .dataSync<'float32'>()
        .slice(),
    );
  close(
    infer({ scales: [1, 1.5], flip: true }),
    mean((x) => x),
  );
  close(
    infer({ scales: [1, 1.5], flip: true, average: 'probabilities' }),
    mean((x) => tf.softmax(x)),
  );
});

test('the decision is the largest score; its confidence the softmax of logits, or the mean probability', async () => {
  const { engine } = await setUp();
  const scores = engine.tf.tensor4d([0.2, 0.7, 0.1, 3, 1, 1], [1, 1, 2, 3]);
  const probabilities = decide(engine, scores, { ...WHOLE_IMAGE, average: 'probabilities' });
  assert.deepEqual(Array.from(probabilities.classes.dataSync()), [1, 0]);
  assert.ok(Math.abs(probabilities.confidence.dataSync()[0]! - 0.7) < 1e-6);
  const logits = decide(engine, scores, WHOLE_IMAGE);
  const expected = 1 / (1 + 2 * Math.exp(-2));
  assert.ok(Math.abs(logits.confidence.dataSync()[1]! - expected) < 1e-6);
});

test('a split is scored whole, or its first images; nothing is left behind', async () => {
  const { engine, network } = await setUp();
  const dataset = sceneDataset({ val: 3 });
  const before = engine.tf.memory().numTensors;
  const seen: number[] = [];
  const all = await scoreDataset(dataset, {
    engine,
    network,
    inference: WHOLE_IMAGE,
    split: 'val',
    onImage: (done, of) => seen.push(done / of),
  });
  assert.equal(all.images, 3);
  assert.deepEqual(seen, [1 / 3, 2 / 3, 1]);
  const labelled = all.confusion.reduce((a, b) => a + b, 0);
  assert.equal(
    labelled,
    all.calibration.bins.reduce((sum, b) => sum + b.count, 0),
  );
  const one = await scoreDataset(dataset, {
    engine,
    network,
    inference: WHOLE_IMAGE,
    split: 'val',
    limit: 1,
  });
  assert.equal(one.images, 1);
  assert.equal(engine.tf.memory().numTensors, before);
  await assert.rejects(scoreDataset(dataset, { engine, network, inference: WHOLE_IMAGE, split: 'test' }), {
    code: 'dataset-empty',
  });
});
