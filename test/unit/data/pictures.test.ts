import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RgbImage } from '../../../src/data/dataset';
import { readImageFile, readLabelFile } from '../../../src/data/image-file';
import { openDataset } from '../../../src/data/open';
import { upright } from '../../../src/data/orientation';
import { greyPng, temporaryFolder, writeFiles } from './files';

/** What OpenCV and SciPy read from the same files: test/fixtures/pictures/make.py. */
const FOLDER = join(__dirname, '../../fixtures/pictures');
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8'));
const file = (name: string) => join(FOLDER, name);

function largestDifference(image: RgbImage, name: string): number {
  assert.deepEqual([image.height, image.width], [expected[name].height, expected[name].width], name);
  assert.equal(image.data.length, expected[name].rgb.length);
  return image.data.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[name].rgb[i])), 0);
}

for (const name of ['444.jpg', '420.jpg', 'progressive.jpg', 'grey.jpg'])
  test(`${name}: the very pixels of OpenCV`, async () => {
    assert.equal(largestDifference((await readImageFile(file(name))).image, name), 0);
  });

for (const kind of ['filters', 'interlaced'])
  test(`PNG, ${kind}: colours as OpenCV reads them, label values of every depth as Pillow does`, async () => {
    const name = `${kind}-rgb.png`;
    assert.equal(largestDifference((await readImageFile(file(name))).image, name), 0);
    for (const depth of [1, 2, 4, 8, 16]) {
      const label = await readLabelFile(file(`${kind}-${depth}.png`));
      assert.deepEqual([label.width, label.height], [21, 13]);
      assert.deepEqual(Array.from(label.data), expected[`${kind}-${depth}.png`].values, `${depth} bit`);
    }
  });

test('CMYK is converted, within two grey levels of OpenCV', async () => {
  assert.ok(largestDifference((await readImageFile(file('cmyk.jpg'))).image, 'cmyk.jpg') <= 2);
});

for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8])
  test(`EXIF orientation ${orientation}: turned as OpenCV turns it`, async () => {
    const name = `exif-${orientation}.jpg`;
    const read = await readImageFile(file(name));
    assert.equal(read.orientation, orientation);
    assert.deepEqual([read.image.width, read.image.height], [20, 12]);
    assert.equal(largestDifference(upright(read.image, read.orientation), name), 0);
  });

test('a sample is turned, unless its label map was drawn on the picture as stored', async () => {
  const root = temporaryFolder();
  const classes = [
    { name: 'a', color: [0, 0, 0] },
    { name: 'b', color: [1, 1, 1] },
  ];
  const turned = readFileSync(file('exif-6.jpg'));
  writeFiles(root, {
    'classes.json': JSON.stringify(classes),
    'images/train/upright.jpg': turned,
    'labels/train/upright.png': greyPng(12, 20, 0),
    'images/val/stored.jpg': turned,
    'labels/val/stored.png': greyPng(20, 12, 0),
  });
  const dataset = await openDataset({ kind: 'folder', root, onProblem: 'stop' }, '/nowhere');
  assert.equal(largestDifference((await dataset.load('train', 0)).image, 'exif-6.jpg'), 0);
  assert.equal(largestDifference((await dataset.load('val', 0)).image, 'exif-1.jpg'), 0);
});

for (const name of ['plain.mat', 'compressed.mat', 'double.mat'])
  test(`${name}: the ids that SciPy wrote, row by row`, async () => {
    const label = await readLabelFile(file(name));
    assert.deepEqual([label.width, label.height], [20, 12]);
    assert.deepEqual(Array.from(label.data), expected.ids);
  });

test('a MATLAB file without ids is refused in plain words', async () => {
  await assert.rejects(readLabelFile(file('other.mat')), {
    code: 'image-unreadable',
    message: /no matrix named S/,
  });
  await assert.rejects(readLabelFile(file('fraction.mat')), {
    code: 'dataset-label',
    message: /value 2\.5 at pixel x=1, y=0/,
  });
  const root = temporaryFolder();
  const whole = readFileSync(file('compressed.mat'));
  const plain = Buffer.from(readFileSync(file('double.mat')));
  plain.writeUInt32LE(0x7fffffff, 132);
  writeFiles(root, {
    'cut.mat': whole.subarray(0, whole.length - 20),
    'forged.mat': plain,
    'v73.mat': Buffer.concat([Buffer.alloc(512), Buffer.from('HDF')]),
  });
  for (const name of ['cut.mat', 'forged.mat', 'v73.mat'])
    await assert.rejects(readLabelFile(join(root, name)), { code: 'image-unreadable' }, name);
});
