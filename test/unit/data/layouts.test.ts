import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Dataset } from '../../../src/data/dataset';
import { openDataset } from '../../../src/data/open';
import type { DatasetConfig } from '../../../src/protocol/config';
import { datasetFacts } from '../../../src/protocol/datasets';
import { greyPng, pngBytes, rgbPng, temporaryFolder, writeFiles } from './files';

const open = (kind: DatasetConfig['kind'], root: string, more: Partial<DatasetConfig> = {}) =>
  openDataset({ kind, root, onProblem: 'stop', ...more }, '/nowhere');

/** A folder with these files; an empty name stands for an image of the right size. */
function folder(files: Record<string, string | Uint8Array>): string {
  const root = temporaryFolder();
  writeFiles(root, files);
  return root;
}

/** One row of pixels, one per value. */
const row = (values: number[]) => greyPng(values.length, 1, values);
const image = (width: number) => rgbPng(width, 1, [1, 2, 3]);
const palettePng = (values: number[]) =>
  pngBytes({
    width: values.length,
    height: 1,
    depth: 8,
    colorType: 3,
    rows: [values],
    palette: Array.from({ length: 768 }, (_, i) => (i * 7) % 256),
  });

async function labels(dataset: Dataset, split: 'train' | 'val', index = 0): Promise<number[]> {
  return Array.from((await dataset.load(split, index)).label.data);
}

/** Every dataset gives as many classes as the facts say, with distinct names. */
function checkClasses(dataset: Dataset, config: Pick<DatasetConfig, 'kind' | 'convention'>): void {
  assert.equal(dataset.classes.length, datasetFacts(config).classes);
  assert.equal(new Set(dataset.classes.map((c) => c.name)).size, dataset.classes.length);
}

const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => i + from);

function cityscapes(suffix: string, values: number[]): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [split, city, frame] of [
    ['train', 'aachen', '000000_000019'],
    ['train', 'zurich', '000121_000019'],
    ['val', 'lindau', '000000_000019'],
  ]) {
    files[`leftImg8bit/${split}/${city}/${city}_${frame}_leftImg8bit.png`] = image(values.length);
    files[`gtFine/${split}/${city}/${city}_${frame}_gtFine_${suffix}.png`] = row(values);
    files[`gtFine/${split}/${city}/${city}_${frame}_gtFine_color.png`] = image(values.length);
  }
  return files;
}

test('Cityscapes: all 34 label ids become train ids or are ignored', async () => {
  const dataset = await open('cityscapes', folder(cityscapes('labelIds', [...range(34), 255])));
  checkClasses(dataset, { kind: 'cityscapes' });
  assert.deepEqual(dataset.ids('train'), ['aachen_000000_000019', 'zurich_000121_000019']);
  const evaluated = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];
  assert.deepEqual(await labels(dataset, 'train', 1), [...range(34).map((id) => evaluated.indexOf(id)), -1]);
  assert.equal(dataset.classes[0]!.name, 'road');
  assert.equal(dataset.classes[18]!.name, 'bicycle');
  assert.deepEqual(dataset.classes[13], { name: 'car', color: [0, 0, 142] });
});

test('Cityscapes: converted train ids are taken as they are', async () => {
  const dataset = await open('cityscapes', folder(cityscapes('labelTrainIds', [0, 18, 255])));
  assert.deepEqual(await labels(dataset, 'val'), [0, 18, -1]);
  const wrong = await open('cityscapes', folder(cityscapes('labelTrainIds', [0, 19, 255])));
  await assert.rejects(wrong.load('val', 0), { code: 'dataset-label', message: /Class id 19 at pixel x=1/ });
});

test('Cityscapes: a frame without label names the file that is missing', async () => {
  const files = cityscapes('labelIds', [7]);
  files['leftImg8bit/val/lindau/lindau_000001_000019_leftImg8bit.png'] = image(1);
  await assert.rejects(open('cityscapes', folder(files)), {
    code: 'dataset-pair',
    message: /lindau_000001_000019_gtFine_labelIds\.png/,
  });
  await assert.rejects(open('cityscapes', folder({ 'leftImg8bit/train/a/b.png': image(1) })), {
    code: 'dataset-missing',
    message: /leftImg8bit\/val/,
  });
});

const VOC = {
  'JPEGImages/2007_000001.jpg': image(4),
  'JPEGImages/2007_000002.jpg': image(4),
  'JPEGImages/2007_000003.jpg': image(4),
  'SegmentationClass/2007_000001.png': palettePng([0, 1, 20, 255]),
  'SegmentationClass/2007_000003.png': palettePng([0, 15, 20, 255]),
  'ImageSets/Segmentation/train.txt': '2007_000001\n',
  'ImageSets/Segmentation/val.txt': '2007_000003\r\n',
};

test('Pascal VOC: palette PNGs are read as indices, 255 is ignored', async () => {
  const dataset = await open('voc', folder(VOC));
  checkClasses(dataset, { kind: 'voc' });
  assert.deepEqual(await labels(dataset, 'val'), [0, 15, 20, -1]);
  assert.deepEqual(dataset.ids('train'), ['2007_000001']);
  assert.deepEqual(
    [0, 1, 2, 15, 20].map((i) => dataset.classes[i]),
    [
      { name: 'background', color: [0, 0, 0] },
      { name: 'aeroplane', color: [128, 0, 0] },
      { name: 'bicycle', color: [0, 128, 0] },
      { name: 'person', color: [192, 128, 128] },
      { name: 'tvmonitor', color: [0, 64, 128] },
    ],
  );
});

test('Pascal VOC: the augmented labels serve training, the original ones validation', async () => {
  const augmented = {
    ...VOC,
    'SegmentationClassAug/2007_000001.png': row([2, 2, 2, 2]),
    'SegmentationClassAug/2007_000002.png': row([3, 3, 3, 255]),
    'SegmentationClassAug/2007_000003.png': row([4, 4, 4, 4]),
  };
  const cirkd = await open(
    'voc',
    folder({ ...augmented, 'ImageSets/Segmentation/train_aug.txt': '2007_000002\n2007_000001\n' }),
  );
  assert.deepEqual(cirkd.ids('train'), ['2007_000002', '2007_000001']);
  assert.deepEqual(await labels(cirkd, 'train', 1), [2, 2, 2, 2]);
  assert.deepEqual(await labels(cirkd, 'val'), [0, 15, 20, -1]);
  const mmseg = await open(
    'voc',
    folder({ ...augmented, 'ImageSets/Segmentation/aug.txt': '2007_000002\n' }),
  );
  assert.deepEqual(mmseg.ids('train'), ['2007_000001', '2007_000002']);
});

test('Pascal VOC: the folder above serves as well; lists that name absent images are refused', async () => {
  const nested = Object.fromEntries(
    Object.entries(VOC).map(([path, data]) => [`VOCdevkit/VOC2012/${path}`, data]),
  );
  assert.deepEqual((await open('voc', folder(nested))).ids('val'), ['2007_000003']);
  const broken = folder({ ...VOC, 'ImageSets/Segmentation/train.txt': '2007_000001\n2009_999999\n' });
  await assert.rejects(open('voc', broken), {
    code: 'dataset-pair',
    message: /2009_999999\.jpg: The list of the train split names an image that is not there/,
  });
  const { 'ImageSets/Segmentation/val.txt': _, ...without } = VOC;
  await assert.rejects(open('voc', folder(without)), { code: 'dataset-missing', message: /val\.txt/ });
});

test('ADE20K: 0 is ignored, 150 becomes 149', async () => {
  const files: Record<string, Uint8Array> = {};
  for (const [split, name] of [
    ['training', 'ADE_train_00000001'],
    ['validation', 'ADE_val_00000001'],
  ]) {
    files[`images/${split}/${name}.jpg`] = image(151);
    files[`annotations/${split}/${name}.png`] = row(range(151));
  }
  const dataset = await open('ade20k', folder(files));
  checkClasses(dataset, { kind: 'ade20k' });
  assert.deepEqual(await labels(dataset, 'train'), range(151, -1));
  assert.deepEqual(dataset.classes[0], { name: 'wall', color: [120, 120, 120] });
  assert.deepEqual(dataset.classes[149], { name: 'flag', color: [92, 0, 255] });
  const above = Object.fromEntries(
    Object.entries(files).map(([p, data]) => [`ADEChallengeData2016/${p}`, data]),
  );
  assert.deepEqual((await open('ade20k', folder(above))).ids('val'), ['ADE_val_00000001']);
});

const EMPTY = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90];
const USED = range(182).filter((i) => !EMPTY.includes(i));

function coco(labelSuffix: string, values: number[]): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [split, id] of [
    ['train2017', '000000000009'],
    ['val2017', '000000000139'],
  ]) {
    files[`images/${split}/${id}.jpg`] = image(values.length);
    files[`annotations/${split}/${id}${labelSuffix}.png`] = row(values);
  }
  return files;
}

test('COCO-Stuff 164K: raw labels in both conventions', async () => {
  const root = folder(coco('', [...USED, 255]));
  const all = await open('coco-stuff-164k', root);
  checkClasses(all, { kind: 'coco-stuff-164k' });
  assert.deepEqual(await labels(all, 'train'), [...USED, -1]);
  const used = await open('coco-stuff-164k', root, { convention: '171' });
  checkClasses(used, { kind: 'coco-stuff-164k', convention: '171' });
  assert.deepEqual(await labels(used, 'train'), [...range(171), -1]);
  for (const [id, name] of [
    [0, 'person'],
    [11, 'street sign'],
    [12, 'stop sign'],
    [91, 'banner'],
    [181, 'wood'],
  ] as const)
    assert.equal(all.classes[id]!.name, name);
  assert.equal(used.classes[11]!.name, 'stop sign');
  assert.equal(used.classes[170]!.name, 'wood');
});

test('COCO-Stuff 164K: converted labels in both conventions, the raw ones beside them unused', async () => {
  const root = folder({
    ...coco('', new Array(172).fill(0)),
    ...coco('_labelTrainIds', [...range(171), 255]),
  });
  const used = await open('coco-stuff-164k', root, { convention: '171' });
  assert.deepEqual(used.ids('val'), ['000000000139']);
  assert.deepEqual(await labels(used, 'val'), [...range(171), -1]);
  assert.deepEqual(await labels(await open('coco-stuff-164k', root), 'val'), [...USED, -1]);
});

test('COCO-Stuff 164K: an id that COCO removed is out of range', async () => {
  for (const id of EMPTY) {
    const dataset = await open('coco-stuff-164k', folder(coco('', [0, id])));
    await assert.rejects(dataset.load('val', 0), {
      code: 'dataset-label',
      message: new RegExp(`Class id ${id} at pixel x=1`),
    });
  }
});

test('COCO-Stuff 10K: MATLAB labels of the release, 0 is unlabelled', async () => {
  const mat = readFileSync(join(__dirname, '../../fixtures/pictures/compressed.mat'));
  const ids: number[] = JSON.parse(
    readFileSync(join(__dirname, '../../fixtures/pictures/expected.json'), 'utf8'),
  ).ids;
  const root = folder({
    'images/COCO_train2014_000000000077.jpg': rgbPng(20, 12, [1, 2, 3]),
    'images/COCO_train2014_000000000078.jpg': rgbPng(20, 12, [1, 2, 3]),
    'annotations/COCO_train2014_000000000077.mat': mat,
    'annotations/COCO_train2014_000000000078.mat': mat,
    'imageLists/train.txt': 'COCO_train2014_000000000078\n',
    'imageLists/test.txt': 'COCO_train2014_000000000077\n',
    'imageLists/all.txt': '',
  });
  const dataset = await open('coco-stuff-10k', root, { onProblem: 'stop' });
  checkClasses(dataset, { kind: 'coco-stuff-10k' });
  assert.deepEqual(dataset.ids('val'), ['COCO_train2014_000000000077']);
  // The random ids of the fixture hold some that COCO removed: those stop the sample, the rest are mapped.
  const removed = ids.findIndex((id) => EMPTY.includes(id - 1));
  assert.ok(removed >= 0);
  await assert.rejects(dataset.load('val', 0), {
    code: 'dataset-label',
    message: new RegExp(`Class id ${ids[removed]} at pixel x=${removed % 20}, y=${Math.floor(removed / 20)}`),
  });
});

test('COCO-Stuff 10K: every label id of the release becomes its train id', async () => {
  const pictures = join(__dirname, '../../fixtures/pictures');
  const [width, height] = [20, 12];
  // Column by column, 16 bit each.
  const stored = (ids: number[]) => {
    const columns = range(width).flatMap((x) => range(height).map((y) => ids[y * width + x]!));
    return Buffer.from(Uint16Array.from(columns).buffer);
  };
  const mat = readFileSync(join(pictures, 'plain.mat'));
  const at = mat.indexOf(stored(JSON.parse(readFileSync(join(pictures, 'expected.json'), 'utf8')).ids));
  assert.ok(at > 0);
  const ids = range(width * height).map((p) => (p < USED.length ? USED[p]! + 1 : 0));
  stored(ids).copy(mat, at);
  const root = folder({
    'images/a.jpg': rgbPng(width, height, [1, 2, 3]),
    'annotations/a.mat': mat,
    'imageLists/train.txt': 'a\n',
    'imageLists/test.txt': 'a\n',
  });
  const trainIds = ids.map((_, p) => (p < USED.length ? p : -1));
  assert.deepEqual(await labels(await open('coco-stuff-10k', root), 'train'), trainIds);
});

test('COCO-Stuff 10K: converted labels, 1 to 171 and 0 unlabelled', async () => {
  const files: Record<string, Uint8Array> = {};
  for (const [split, id] of [
    ['train2014', 'COCO_train2014_000000000077'],
    ['test2014', 'COCO_train2014_000000000078'],
  ]) {
    files[`images/${split}/${id}.jpg`] = image(172);
    files[`annotations/${split}/${id}_labelTrainIds.png`] = row(range(172));
  }
  const dataset = await open('coco-stuff-10k', folder(files));
  assert.deepEqual(await labels(dataset, 'val'), range(172, -1));
  assert.equal(dataset.classes[0]!.name, 'person');
  assert.equal(dataset.classes[170]!.name, 'wood');
});

test('labels of 16 bit and of void pixels alone are read', async () => {
  const files = coco('', [255, 255, 255]);
  files['annotations/val2017/000000000139.png'] = pngBytes({
    width: 3,
    height: 1,
    depth: 16,
    colorType: 0,
    rows: [[0, 181, 0, 255, 0, 0]],
  });
  const dataset = await open('coco-stuff-164k', folder(files));
  assert.deepEqual(await labels(dataset, 'train'), [-1, -1, -1]);
  assert.deepEqual(await labels(dataset, 'val'), [181, -1, 0]);
});
