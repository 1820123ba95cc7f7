import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalise } from '../../../src/data/normalise';
import { evaluate, predict } from '../../../src/distill/evaluate';
import { RandomStream, RandomStreams } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import { engine as openEngine } from './support/runs';
import { CLASSES, sceneDataset } from './support/scenes';

async function student() {
  const engine = await openEngine();
  const spec = {
    model: 'pspnet' as const,
    backbone: 'resnet18' as const,
    classes: CLASSES,
    inputChannels: 3,
    width: 0.0625,
  };
  const network = buildSegmenter(engine, spec, RandomStream.seeded(5, 'student'));
  return { engine, network, role: 'student' as const, methods: [], seed: 1 };
}

test('images whose sides 8 does not divide are predicted whole, at their own size', async () => {
  const viewer = await student();
  const { engine, network } = viewer;
  const sample = await sceneDataset({ size: [37, 45] }).load('val', 0);
  const prediction = await predict(viewer, sample, new RandomStreams(1));
  assert.equal(prediction.length, 37 * 45);
  const resized = (alignCorners: boolean) =>
    engine.tf.tidy(() => {
      const x = engine.tf.tensor4d(normalise(sample.image), [1, 37, 45, 3]);
      const { logits } = network.forward(x, { batchNorm: 'frozen', dropout: null });
      assert.deepEqual(logits.shape, [1, 5, 6, CLASSES]);
      return engine.tf.argMax(engine.ops.resizeBilinear(logits, [37, 45], alignCorners), 3).dataSync();
    });
  assert.deepEqual(prediction, resized(true));
  assert.notDeepEqual(prediction, resized(false), 'the test case tells the two kinds of resizing apart');
  network.dispose();
});

test('every labelled pixel is counted once; a limit takes the first images', async () => {
  const viewer = await student();
  const dataset = sceneDataset({ val: 3, size: [37, 45] });
  const [all, two] = [await evaluate(viewer, dataset), await evaluate(viewer, dataset, 2)];
  const count = (confusion: number[]) => confusion.reduce((a, b) => a + b, 0);
  assert.deepEqual([all.images, count(all.confusion!)], [3, 3 * 35 * 45]);
  assert.deepEqual([two.images, count(two.confusion!)], [2, 2 * 35 * 45]);
  viewer.network.dispose();
});

test('a split without a labelled pixel scores 0, one without a usable image is an error', async () => {
  const viewer = await student();
  const blank = sceneDataset({ edit: ({ label }) => void label.data.fill(-1) });
  const { miou, miouPresent, pixelAccuracy, iou } = await evaluate(viewer, blank);
  assert.deepEqual([miou, miouPresent, pixelAccuracy], [0, 0, 0]);
  assert.deepEqual(iou, [null, null, null, null]);
  await assert.rejects(evaluate(viewer, sceneDataset({ val: 0 })), { code: 'dataset-empty' });
  viewer.network.dispose();
});
