import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckCache } from '../../../src/data/check/cache';
import { checkDataset } from '../../../src/data/check/check';
import { jpegSize } from '../../../src/data/jpeg';
import { layoutOf, openDataset } from '../../../src/data/open';
import type { DatasetConfig } from '../../../src/protocol/config';
import type { DatasetReport } from '../../../src/protocol/dataset-report';
import { greyPng, type PngParts, pngBytes, rgbPng, temporaryFolder, writeFiles } from './files';

/** What real folders hold, in the released layouts: read as meant, or told with the file and the place in it. */

process.env.DISTILL_CACHE = temporaryFolder();
const picture = (name: string) => readFileSync(join(__dirname, '../../fixtures/pictures', name));

function folder(files: Record<string, string | Uint8Array>): string {
  const root = temporaryFolder();
  writeFiles(root, files);
  return root;
}

async function fully(kind: DatasetConfig['kind'], root: string): Promise<DatasetReport> {
  const as = { kind, root, convention: undefined };
  const layout = await layoutOf(as, root);
  return await checkDataset(as, layout, CheckCache.open(layout.root), { full: true, workers: 0 });
}

const open = (kind: DatasetConfig['kind'], root: string) =>
  openDataset({ kind, root, onProblem: 'stop' }, '/nowhere');

/** Label values of one row per pixel, packed as PNG stores them. */
function packed(depth: 1 | 2 | 4 | 8 | 16, colorType: 0 | 3, values: number[][]): Buffer {
  const rows = values.map((row) => {
    if (depth === 16) return row.flatMap((v) => [v >> 8, v & 255]);
    const bytes = new Array<number>(Math.ceil((row.length * depth) / 8)).fill(0);
    for (const [i, v] of row.entries()) bytes[(i * depth) >> 3]! |= v << (8 - depth - ((i * depth) & 7));
    return bytes;
  });
  const parts: PngParts = { width: values[0]!.length, height: values.length, depth, colorType, rows };
  // Colours that say nothing about the ids: whoever expands the palette gets other numbers.
  const palette = Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, i) => (i * 83) % 256);
  return pngBytes(colorType === 3 ? { ...parts, palette } : parts);
}

test('Pascal VOC: turned, CMYK and grey photographs with palette label maps', async () => {
  const stored = [
    [0, 15, 255],
    [20, 1, 0],
  ];
  const wide = (width: number, height: number) =>
    packed(
      8,
      3,
      Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => stored[y % 2]![x % 3]!),
      ),
    );
  const photographs = { turned: 'exif-6.jpg', cmyk: 'cmyk.jpg', grey: 'grey.jpg' };
  const sizeOf = (name: string) => jpegSize(picture(name))!;
  const [cmyk, plain] = [sizeOf(photographs.cmyk), sizeOf(photographs.grey)];
  // Stored 20 wide and 12 high, to be turned by a quarter.
  const sizes = { turned: [12, 20], cmyk: [cmyk.width, cmyk.height], grey: [plain.width, plain.height] };
  const root = folder({
    ...Object.fromEntries(
      Object.entries(photographs).map(([id, name]) => [`JPEGImages/${id}.jpg`, picture(name)]),
    ),
    ...Object.fromEntries(
      Object.entries(sizes).map(([id, [w, h]]) => [`SegmentationClass/${id}.png`, wide(w!, h!)]),
    ),
    'ImageSets/Segmentation/train.txt': 'turned\ncmyk\n',
    'ImageSets/Segmentation/val.txt': 'grey\n',
  });
  assert.deepEqual((await fully('voc', root)).counts, {});
  const dataset = await open('voc', root);
  const { image, label } = await dataset.load('train', 0);
  assert.deepEqual([image.width, image.height, label.width, label.height], [12, 20, 12, 20]);
  assert.deepEqual(Array.from(label.data.subarray(0, 3)), [0, 15, -1]);
  const grey = (await dataset.load('val', 0)).image.data;
  assert.ok(
    grey.every((v, i) => v === grey[i - (i % 3)]),
    'grey is the same in all three channels',
  );
});

for (const depth of [1, 2, 4, 8, 16] as const)
  for (const colorType of depth === 16 ? ([0] as const) : ([0, 3] as const))
    test(`a folder with ${depth}-bit ${colorType === 3 ? 'palette' : 'grey'} label maps: ids as stored`, async () => {
      const top = 2 ** Math.min(depth, 8) - 1;
      const ids = depth < 8 ? [0, top, 1, 0, top] : [0, 3, 1, 255, 2];
      const classes = Array.from({ length: depth === 4 ? 16 : 4 }, (_, i) => ({
        name: `c${i}`,
        color: [i, i, i],
      }));
      const root = folder({
        'classes.json': JSON.stringify(classes),
        'images/train/a.png': rgbPng(5, 1, [1, 2, 3]),
        'images/val/a.png': rgbPng(5, 1, [1, 2, 3]),
        'labels/train/a.png': packed(depth, colorType, [ids]),
        'labels/val/a.png': packed(depth, colorType, [ids]),
      });
      assert.deepEqual((await fully('folder', root)).counts, {});
      const { label } = await (await open('folder', root)).load('train', 0);
      assert.deepEqual(
        Array.from(label.data),
        ids.map((id) => (id === 255 ? -1 : id)),
      );
    });

test('COCO-Stuff: the eleven empty ids are told with their places; void pixels alone are fine', async () => {
  const empty = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90];
  const root = folder({
    'images/train2017/000000000009.jpg': rgbPng(11, 1, [1, 2, 3]),
    'images/val2017/000000000139.jpg': rgbPng(2, 1, [1, 2, 3]),
    'annotations/train2017/000000000009.png': greyPng(11, 1, empty),
    'annotations/val2017/000000000139.png': greyPng(2, 1, 255),
  });
  const report = await fully('coco-stuff-164k', root);
  assert.deepEqual(report.counts, { 'dataset-label': 1 });
  assert.deepEqual(
    report.problems[0]!.ids,
    empty.map((value, x) => ({ value, count: 1, x, y: 0 })),
  );
  assert.match(report.unusable!, /The train split/);
  const val = report.splits.find(({ split }) => split === 'val')!;
  assert.deepEqual([val.usable, val.statistics.ignored, val.statistics.pixels], [1, 2, 2]);
});

test('ADE20K: label maps of another size, and ids beyond 150, are told; 0 is ignored before any padding', async () => {
  const root = folder({
    'images/training/ADE_train_00000001.jpg': rgbPng(3, 1, [9, 9, 9]),
    'annotations/training/ADE_train_00000001.png': greyPng(3, 1, [0, 1, 150]),
    'images/training/ADE_train_00000002.jpg': rgbPng(3, 1, [9, 9, 9]),
    'annotations/training/ADE_train_00000002.png': greyPng(3, 2, 1),
    'images/validation/ADE_val_00000001.jpg': rgbPng(3, 1, [9, 9, 9]),
    'annotations/validation/ADE_val_00000001.png': greyPng(3, 1, [7, 151, 255]),
  });
  const report = await fully('ade20k', root);
  assert.deepEqual(report.counts, { 'dataset-size': 1, 'dataset-label': 1 });
  const unknown = report.problems.find(({ code }) => code === 'dataset-label')!;
  assert.deepEqual(
    unknown.ids!.map(({ value, x }) => [value, x]),
    [
      [151, 1],
      [255, 2],
    ],
  );
  const dataset = await open('ade20k', root);
  assert.deepEqual(Array.from((await dataset.load('train', 0)).label.data), [-1, 0, 149]);
});

test('Cityscapes: label maps without image and images without label map are told, city by city', async () => {
  const root = folder({
    'leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png': rgbPng(1, 1, [0, 0, 0]),
    'leftImg8bit/train/bochum/bochum_000000_000019_leftImg8bit.png': rgbPng(1, 1, [0, 0, 0]),
    'gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png': greyPng(1, 1, 7),
    'gtFine/train/aachen/aachen_000001_000019_gtFine_labelIds.png': greyPng(1, 1, 7),
    'gtFine/train/aachen/aachen_000001_000019_gtFine_color.png': rgbPng(1, 1, [0, 0, 0]),
    'leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png': rgbPng(1, 1, [0, 0, 0]),
    'gtFine/val/lindau/lindau_000000_000019_gtFine_labelIds.png': greyPng(1, 1, 26),
  });
  const { problems } = await fully('cityscapes', root);
  assert.deepEqual(
    problems.map(({ code, file }) => [code, file.slice(root.length + 1)]),
    [
      ['dataset-pair', 'leftImg8bit/train/bochum/bochum_000000_000019_leftImg8bit.png'],
      ['label-without-image', 'gtFine/train/aachen/aachen_000001_000019_gtFine_labelIds.png'],
    ],
  );
});

test('CamVid: a list that names an image that is not there says so before a picture is opened', async () => {
  const root = folder({
    'train/0001.png': rgbPng(2, 1, [0, 0, 0]),
    'trainannot/0001.png': greyPng(2, 1, [0, 11]),
    'valannot/0003.png': greyPng(2, 1, 0),
    'camvid_train_list.txt': 'train/0001.png trainannot/0001.png\n',
    'camvid_val_list.txt': 'val/0003.png valannot/0003.png\n',
  });
  await assert.rejects(open('camvid', root), {
    code: 'dataset-pair',
    where: join(root, 'val/0003.png'),
    message: /The list of the val split names an image that is not there/,
  });
});
