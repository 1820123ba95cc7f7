import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AugmentOptions } from '../../../src/data/augment/options';
import type { Batch, BatchLoader, Dataset } from '../../../src/data/dataset';
import { createBatchLoader } from '../../../src/data/loader';
import { openDataset } from '../../../src/data/open';
import { RandomStream } from '../../../src/engine/random';
import { greyPng, pngBytes, rgbPng, smallFolderDataset } from './files';

const AUGMENT: AugmentOptions = { crop: [8, 16], scale: true, flip: true };
const open = (root: string, onProblem: 'stop' | 'skip' = 'stop') =>
  openDataset({ kind: 'folder', root, onProblem }, '/');

function loaderOf(
  dataset: Dataset,
  batch: number,
  {
    seed = 1,
    augment = AUGMENT,
    workers = 0,
  }: { seed?: number; augment?: AugmentOptions; workers?: number } = {},
): BatchLoader {
  const loader = createBatchLoader({ dataset, batch, augment, seed, stage: 'student', workers });
  after(() => loader.close());
  return loader;
}

/** Copies: a loader uses a batch's memory again. */
async function take(loader: BatchLoader, count: number): Promise<Batch[]> {
  const out: Batch[] = [];
  for (let i = 0; i < count; i++) {
    const batch = await loader.next();
    out.push({ ...batch, images: Float32Array.from(batch.images), labels: Int32Array.from(batch.labels) });
  }
  return out;
}

test('every epoch holds every sample once; an epoch tail shares a batch with the next head', async () => {
  const loader = loaderOf(await open(smallFolderDataset()), 2);
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
  const [batch] = await take(loaderOf(await open(smallFolderDataset()), 7), 1);
  assert.equal(batch!.ids.length, 7);
  assert.deepEqual([...new Set(batch!.ids)].sort(), ['a', 'b', 'c']);
});

test('a batch holds each sample at its place, in the promised shapes', async () => {
  const crop: [number, number] = [3, 4];
  const augment = { crop, scale: false, flip: false };
  const loader = loaderOf(await open(smallFolderDataset()), 3, { augment });
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
    [1, 1, 2].map((seed) => take(loaderOf(dataset, 2, { seed }), 6)),
  );
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
});

for (const workers of [0, 2])
  test(`resumed within an epoch, a loader gives the batches of the uninterrupted one (${workers} threads)`, async () => {
    const dataset = await open(smallFolderDataset());
    const expected = await take(loaderOf(dataset, 2, { workers }), 8);
    for (const before of workers > 0 ? [3] : [0, 1, 2, 3, 4]) {
      const loader = loaderOf(dataset, 2, { workers });
      await take(loader, before);
      const saved = JSON.parse(JSON.stringify(loader.state()));
      const resumed = loaderOf(dataset, 2, { workers });
      resumed.restore(saved);
      assert.deepEqual(await take(resumed, 8 - before), expected.slice(before), `after ${before} batches`);
    }
  });

test('threads change nothing: the same batches as in one process, however many there are', async () => {
  const root = smallFolderDataset({ 'images/train/b.png': rgbPng(4, 3, [1, 2, 3]).subarray(0, 60) });
  const of = async (workers: number) => {
    const dataset = await open(root, 'skip');
    const batches = await take(loaderOf(dataset, 3, { workers }), 7);
    return { batches, skipped: dataset.skipped };
  };
  const [none, one, three] = [await of(0), await of(1), await of(3)];
  assert.deepEqual(one, none);
  assert.deepEqual(three, none);
  assert.deepEqual(
    none.skipped.map((s) => s.id),
    ['train/b'],
  );
});

test('what a thread cannot read is told as it is', async () => {
  const root = smallFolderDataset({ 'labels/train/b.png': greyPng(4, 3, 7) });
  await assert.rejects(take(loaderOf(await open(root), 3, { workers: 2 }), 3), {
    code: 'dataset-label',
    where: `${root}/labels/train/b.png`,
    message: /^\/.*b\.png: Class id 7 at pixel x=0, y=0 is out of range\. Use ids 0 to 2/,
  });
});

test('a closed loader ends its threads and lets the process end', async () => {
  const loader = loaderOf(await open(smallFolderDataset()), 2, { workers: 2 });
  await loader.next();
  await loader.close();
  await assert.rejects(async () => {
    for (let i = 0; i < 4; i++) await loader.next();
  }, /closed/);
});

test('a saved position of another dataset is refused', async () => {
  const loader = loaderOf(await open(smallFolderDataset()), 2);
  for (const state of [
    { position: 2, samples: 4 },
    { position: 3, samples: 3 },
    { position: -2, samples: 3 },
    { order: 'abc' },
    null,
  ])
    assert.throws(() => loader.restore(state), { code: 'checkpoint-mismatch', message: /3 training images/ });
});

test('samples that cannot be used are left out under skip, and stop otherwise', async () => {
  const root = smallFolderDataset({ 'images/train/b.png': rgbPng(4, 3, [1, 2, 3]).subarray(0, 60) });
  const lenient = await open(root, 'skip');
  const ids = (await take(loaderOf(lenient, 2), 8)).flatMap((batch) => batch.ids);
  assert.deepEqual([...new Set(ids)].sort(), ['a', 'c']);
  assert.equal(lenient.skipped.length, 1);
  await assert.rejects(take(loaderOf(await open(root), 2), 8), { code: 'image-unreadable' });
});

test('a dataset where nothing can be used ends with an error, not in an endless search', async () => {
  const cut = rgbPng(4, 3, [1, 2, 3]).subarray(0, 60);
  const root = smallFolderDataset({
    'images/train/a.png': cut,
    'images/train/b.png': cut,
    'images/train/c.png': cut,
  });
  await assert.rejects(loaderOf(await open(root, 'skip'), 1).next(), { code: 'dataset-empty' });
});

for (const workers of [0, 2])
  test(`a resumed run sees the same crops, colours and repeated draws included (${workers} threads)`, async () => {
    const augment: AugmentOptions = { style: 'mmseg', crop: [3, 4], ratioRange: [1, 3] };
    const dataset = await open(smallFolderDataset());
    const expected = await take(loaderOf(dataset, 2, { workers, augment }), 6);
    const loader = loaderOf(dataset, 2, { workers, augment });
    await take(loader, 2);
    const resumed = loaderOf(dataset, 2, { workers, augment });
    resumed.restore(JSON.parse(JSON.stringify(loader.state())));
    assert.deepEqual(await take(resumed, 4), expected.slice(2));
    const plain = await take(
      loaderOf(dataset, 2, { workers, augment: { ...augment, photometric: false } }),
      6,
    );
    assert.deepEqual(
      plain.map((batch) => batch.labels),
      expected.map((batch) => batch.labels),
      'colours are drawn after the place',
    );
    assert.notDeepEqual(plain, expected);
  });

test('what is decoded only as far as a crop reaches gives the crops of the whole image', async () => {
  const [width, height] = [640, 610];
  const noise = RandomStream.seeded(1, 'noise');
  const rows = Array.from({ length: height }, () => Array.from({ length: 3 * width }, () => noise.int(256)));
  const large = pngBytes({ width, height, depth: 8, colorType: 2, rows });
  const label = greyPng(width, height, 1);
  const root = smallFolderDataset({ 'images/train/a.png': large, 'labels/train/a.png': label });
  const of = async (cacheMiB: number) => {
    const dataset = await openDataset({ kind: 'folder', root, cacheMiB, onProblem: 'stop' }, '/');
    const index = dataset.ids('train').indexOf('a');
    const sizes = new Set<number>();
    const load = dataset.load.bind(dataset);
    dataset.load = async (split, i, rows) => {
      const sample = await load(split, i, rows);
      if (i === index) sizes.add(sample.image.data.length);
      return sample;
    };
    const augment: AugmentOptions = { crop: [64, 80] };
    return { batches: await take(loaderOf(dataset, 3, { augment }), 6), sizes: [...sizes] };
  };
  const [whole, parts] = [await of(64), await of(0)];
  assert.deepEqual(parts.batches, whole.batches);
  assert.deepEqual(whole.sizes, [3 * width * height]);
  assert.ok(parts.sizes.length > 2 && parts.sizes.every((size) => size < 3 * width * height));
});

test('samples are kept within the budget, and threads give theirs back when they end', async () => {
  const root = smallFolderDataset();
  const dataset = await openDataset({ kind: 'folder', root, cacheMiB: 64, onProblem: 'stop' }, '/');
  const first = await dataset.load('train', 0);
  assert.equal(await dataset.load('train', 0), first, 'decoded once');
  const before = dataset.lendCache!();
  dataset.returnCache!(before);
  const loader = loaderOf(dataset, 2, { workers: 1 });
  await loader.next();
  const meanwhile = dataset.lendCache!();
  dataset.returnCache!(meanwhile);
  await loader.close();
  assert.ok(meanwhile < before / 2, `${meanwhile} of ${before} MiB`);
  assert.equal(dataset.lendCache!(), before);
  const none = await openDataset({ kind: 'folder', root, cacheMiB: 0, onProblem: 'stop' }, '/');
  assert.notEqual(await none.load('train', 0), await none.load('train', 0));
});

test('batches leave nothing behind: memory after 400 is that after 200', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const dataset = await openDataset(
    { kind: 'folder', root: smallFolderDataset(), cacheMiB: 0, onProblem: 'stop' },
    '/',
  );
  const augment: AugmentOptions = { style: 'mmseg', crop: [64, 64], baseSize: [60, 60] };
  const loader = loaderOf(dataset, 2, { augment });
  const used = async () => {
    for (let i = 0; i < 200; i++) await loader.next();
    // Buffers are freed a turn of the event loop after they were collected.
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise(setImmediate);
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  await used();
  const [before, after] = [await used(), await used()];
  // 400 crops of 64 x 64 are 20 MB.
  assert.ok(after - before < 1e6, `${before} bytes, then ${after}`);
});
