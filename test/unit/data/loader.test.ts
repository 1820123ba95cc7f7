import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AugmentOptions, Batch, Dataset } from '../../../src/data/dataset';
import { createBatchLoader } from '../../../src/data/loader';
import { openDataset } from '../../../src/data/open';
import { RandomStreams } from '../../../src/engine/random';
import { rgbPng, smallFolderDataset } from './files';

const AUGMENT: AugmentOptions = { crop: [8, 16], scale: true, flip: true };
const open = (root: string, onProblem: 'stop' | 'skip' = 'stop') =>
  openDataset({ kind: 'folder', root, onProblem }, '/');

function loaderOf(dataset: Dataset, batch: number, seed = 1, augment = AUGMENT) {
  const streams = new RandomStreams(seed);
  const loader = createBatchLoader({
    dataset,
    batch,
    augment,
    shuffle: streams.stream('shuffle'),
    random: streams.stream('augment'),
  });
  return { loader, streams };
}

async function take(loader: { next(): Promise<Batch> }, count: number): Promise<Batch[]> {
  const out: Batch[] = [];
  for (let i = 0; i < count; i++) out.push(await loader.next());
  return out;
}

test('every epoch holds every sample once; an epoch tail shares a batch with the next head', async () => {
  const { loader } = loaderOf(await open(smallFolderDataset()), 2);
  const ids = (await take(loader, 30)).flatMap((batch) => batch.ids);
  assert.equal(ids.length, 60);
  const orders = new Set<string>();
  for (let epoch = 0; epoch < 20; epoch++) {
    const part = ids.slice(epoch * 3, epoch * 3 + 3);
    assert.deepEqual([...part].sort(), ['a', 'b', 'c']);
    orders.add(part.join(''));
  }
  assert.ok(orders.size > 3, `only ${orders.size} orders in 20 epochs`);
});

test('a batch may be larger than the dataset', async () => {
  const [batch] = await take(loaderOf(await open(smallFolderDataset()), 7).loader, 1);
  assert.equal(batch!.ids.length, 7);
  assert.deepEqual([...new Set(batch!.ids)].sort(), ['a', 'b', 'c']);
});

test('a batch holds each sample at its place, in the promised shapes', async () => {
  const crop: [number, number] = [3, 4];
  const { loader } = loaderOf(await open(smallFolderDataset()), 3, 1, { crop, scale: false, flip: false });
  const [batch] = await take(loader, 1);
  assert.deepEqual([batch!.n, batch!.height, batch!.width], [3, 3, 4]);
  assert.deepEqual([batch!.images.length, batch!.labels.length], [3 * 3 * 4 * 3, 3 * 3 * 4]);
  for (const [i, id] of batch!.ids.entries()) {
    const red = Math.round(batch!.images[i * 36 + 2]! + 122.67891434);
    assert.equal(red, { a: 10, b: 20, c: 30 }[id]);
    const labels = Array.from(batch!.labels.subarray(i * 12, i * 12 + 12));
    assert.deepEqual(labels, [0, 1, 2, -1, 0, 0, 1, 1, 2, 2, -1, -1]);
  }
});

test('the same seed gives the same batches, another seed others', async () => {
  const dataset = await open(smallFolderDataset());
  const [one, same, other] = await Promise.all(
    [1, 1, 2].map((seed) => take(loaderOf(dataset, 2, seed).loader, 6)),
  );
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
});

test('resumed within an epoch, a loader gives the batches of the uninterrupted one', async () => {
  const dataset = await open(smallFolderDataset());
  for (const before of [0, 1, 2, 3, 4]) {
    const { loader, streams } = loaderOf(dataset, 2);
    await take(loader, before);
    const saved = JSON.parse(JSON.stringify({ loader: loader.state(), random: streams.state() }));
    const expected = await take(loader, 5);
    const restored = new RandomStreams(99);
    restored.restore(saved.random);
    const resumed = createBatchLoader({
      dataset,
      batch: 2,
      augment: AUGMENT,
      shuffle: restored.stream('shuffle'),
      random: restored.stream('augment'),
    });
    resumed.restore(saved.loader);
    assert.deepEqual(await take(resumed, 5), expected, `after ${before} batches`);
  }
});

test('a saved position of another dataset is refused', async () => {
  const { loader } = loaderOf(await open(smallFolderDataset()), 2);
  for (const state of [
    { order: [0, 1], position: 1 },
    { order: [0, 1, 7], position: 0 },
    { order: 'abc' },
    null,
  ])
    assert.throws(() => loader.restore(state), { code: 'checkpoint-mismatch', message: /3 training images/ });
});

test('samples that cannot be used are left out under skip, and stop otherwise', async () => {
  const root = smallFolderDataset({ 'images/train/b.png': rgbPng(4, 3, [1, 2, 3]).subarray(0, 60) });
  const lenient = await open(root, 'skip');
  const ids = (await take(loaderOf(lenient, 2).loader, 8)).flatMap((batch) => batch.ids);
  assert.deepEqual([...new Set(ids)].sort(), ['a', 'c']);
  assert.equal(lenient.skipped.length, 1);
  await assert.rejects(take(loaderOf(await open(root), 2).loader, 8), { code: 'image-unreadable' });
});

test('a dataset where nothing can be used ends with an error, not in an endless search', async () => {
  const cut = rgbPng(4, 3, [1, 2, 3]).subarray(0, 60);
  const root = smallFolderDataset({
    'images/train/a.png': cut,
    'images/train/b.png': cut,
    'images/train/c.png': cut,
  });
  await assert.rejects(loaderOf(await open(root, 'skip'), 1).loader.next(), { code: 'dataset-empty' });
});
