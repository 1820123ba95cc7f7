import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadUsable } from '../../../src/data/file-dataset';
import { openDataset } from '../../../src/data/open';
import { CLASSES_JSON, greyPng, rgbPng, smallFolderDataset, temporaryFolder, writeFiles } from './files';

const folder = (root: string, onProblem: 'stop' | 'skip' = 'stop') =>
  openDataset({ kind: 'folder', root, onProblem }, '/nowhere');
const camvid = (root: string, onProblem: 'stop' | 'skip' = 'stop') =>
  openDataset({ kind: 'camvid', root, onProblem }, '/nowhere');

/** SegNet layout with two training images and one for validation. */
function smallCamvid(changes: Record<string, string | Uint8Array> = {}): string {
  const root = temporaryFolder();
  const files: Record<string, string | Uint8Array> = {};
  for (const [split, name] of [
    ['train', '0001'],
    ['train', '0002'],
    ['val', '0003'],
  ]) {
    files[`${split}/${name}.png`] = rgbPng(3, 1, [1, 2, 3]);
    files[`${split}annot/${name}.png`] = greyPng(3, 1, [0, 10, 11]);
  }
  writeFiles(root, { ...files, ...changes });
  return root;
}

test('a folder dataset: ids in order, classes, label 255 is ignored', async () => {
  const dataset = await folder(smallFolderDataset());
  assert.deepEqual(dataset.ids('train'), ['a', 'b', 'c']);
  assert.deepEqual(dataset.ids('val'), ['v']);
  assert.deepEqual(dataset.classes, JSON.parse(CLASSES_JSON));
  const sample = await dataset.load('train', 1);
  assert.equal(sample.id, 'b');
  assert.deepEqual([sample.image.width, sample.image.height], [4, 3]);
  assert.deepEqual(Array.from(sample.image.data.subarray(0, 3)), [20, 50, 90]);
  assert.deepEqual(Array.from(sample.label.data), [0, 1, 2, -1, 0, 0, 1, 1, 2, 2, -1, -1]);
});

test('a relative root starts from the base', async () => {
  const root = smallFolderDataset();
  const dataset = await openDataset({ kind: 'folder', root: 'images/..', onProblem: 'stop' }, root);
  assert.equal(dataset.root, root);
});

test('more than 128 classes keep their ids', async () => {
  const classes = Array.from({ length: 200 }, (_, i) => ({ name: `c${i}`, color: [i, i, i] }));
  const root = smallFolderDataset({
    'classes.json': JSON.stringify(classes),
    'labels/val/v.png': greyPng(4, 3, [0, 127, 128, 199, 255, 0, 0, 0, 0, 0, 0, 0]),
  });
  const { label } = await (await folder(root)).load('val', 0);
  assert.deepEqual(Array.from(label.data.subarray(0, 5)), [0, 127, 128, 199, -1]);
});

test('a decoded sample is kept: its files may go', async () => {
  const root = smallFolderDataset();
  const dataset = await folder(root);
  const first = await dataset.load('train', 0);
  rmSync(join(root, 'images/train/a.png'));
  assert.equal(await dataset.load('train', 0), first);
});

test('a missing root or folder names what was expected there', async () => {
  await assert.rejects(folder('/nowhere/data'), {
    code: 'dataset-missing',
    message: /^\/nowhere\/data: This dataset folder does not exist.*dataset\.root.*images\/\{train,val\}/,
  });
  await assert.rejects(camvid('/nowhere/camvid'), {
    code: 'dataset-missing',
    message: /^\/nowhere\/camvid: .*trainannot/,
  });
  const root = smallFolderDataset();
  rmSync(join(root, 'labels/val'), { recursive: true });
  await assert.rejects(folder(root), { code: 'dataset-missing', where: join(root, 'labels/val') });
  const segnet = smallCamvid();
  rmSync(join(segnet, 'trainannot'), { recursive: true });
  await assert.rejects(camvid(segnet), { code: 'dataset-missing', where: join(segnet, 'trainannot') });
  await assert.rejects(openDataset({ kind: 'folder', onProblem: 'stop' }, root), {
    code: 'dataset-missing',
    message: /dataset\.root: .*needs a folder/,
  });
});

test('a split without images is refused', async () => {
  const root = smallFolderDataset({ 'images/val/v.png': null, 'images/val/readme.txt': 'no picture' });
  await assert.rejects(folder(root), {
    code: 'dataset-empty',
    where: root,
    message: /The val split has no usable image/,
  });
  const list = smallCamvid({ 'camvid_train_list.txt': '\n' });
  await assert.rejects(camvid(list), { code: 'dataset-empty', message: /The train split/ });
});

test('an image without label stops, or is left out and counted', async () => {
  const root = smallFolderDataset({ 'labels/train/b.png': null });
  await assert.rejects(folder(root), {
    code: 'dataset-pair',
    where: join(root, 'images/train/b.png'),
    message: /has no label map \(expected .*labels\/train\/b\.png\).*"skip"/,
  });
  const dataset = await folder(root, 'skip');
  assert.deepEqual(dataset.ids('train'), ['a', 'c']);
  assert.deepEqual(
    dataset.skipped.map(({ id }) => id),
    ['train/b'],
  );
  assert.match(dataset.skipped[0]!.reason, /has no label map/);
});

test('two images of one name are not guessed between', async () => {
  const root = smallFolderDataset({ 'images/train/a.jpg': 'whatever' });
  await assert.rejects(folder(root), { code: 'dataset-pair', message: /same name/ });
});

test('a label without image is a warning', async () => {
  const dataset = await folder(smallFolderDataset({ 'images/train/c.png': null }));
  assert.deepEqual(dataset.ids('train'), ['a', 'b']);
  assert.equal(dataset.warnings.length, 1);
  assert.match(dataset.warnings[0]!, /labels\/train\/c\.png: label map without an image/);
});

test('sizes that differ are refused with both sizes', async () => {
  const root = smallFolderDataset({ 'labels/train/a.png': greyPng(3, 4, 0) });
  await assert.rejects((await folder(root)).load('train', 0), {
    code: 'dataset-size',
    where: join(root, 'labels/train/a.png'),
    message: /label map has 3 x 4 pixels, its image 4 x 3/,
  });
});

test('a class id out of range names file, id and pixel', async () => {
  const root = smallFolderDataset({
    'labels/train/a.png': greyPng(4, 3, [0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 9]),
  });
  await assert.rejects((await folder(root)).load('train', 0), {
    code: 'dataset-label',
    where: join(root, 'labels/train/a.png'),
    message: /Class id 3 at pixel x=2, y=1 is out of range.*ids 0 to 2, and 255/,
  });
});

test('a truncated image stops, or is left out and counted once', async () => {
  const cut = rgbPng(4, 3, [1, 2, 3]).subarray(0, 60);
  const root = smallFolderDataset({ 'images/train/b.png': cut });
  const strict = await folder(root);
  await assert.rejects(loadUsable(strict, 'train', 1), {
    code: 'image-unreadable',
    where: join(root, 'images/train/b.png'),
  });
  const lenient = await folder(root, 'skip');
  assert.equal(await loadUsable(lenient, 'train', 1), undefined);
  assert.equal(await loadUsable(lenient, 'train', 1), undefined);
  assert.deepEqual(
    lenient.skipped.map(({ id }) => id),
    ['train/b'],
  );
  assert.equal((await loadUsable(lenient, 'train', 2))!.id, 'c');
});

test('a list of classes that cannot be used is refused with an example', async () => {
  for (const [text, what] of [
    [null, /cannot be read/],
    ['[{', /not valid JSON/],
    ['{"road": 0}', /expected form/],
    ['[{"name":"a","color":[0,0,300]},{"name":"b","color":[0,0,0]}]', /expected form \(0\.color\.2/],
    ['[{"name":"a","color":[0,0,0]}]', /expected form/],
  ] as const) {
    const root = smallFolderDataset({ 'classes.json': text });
    await assert.rejects(
      folder(root),
      (error: Error & { code: string; where: string }) =>
        error.code === 'dataset-missing' &&
        error.where === join(root, 'classes.json') &&
        what.test(error.message) &&
        /"name": "road"/.test(error.message),
      String(text),
    );
  }
});

test('CamVid from folders: eleven classes, void is ignored', async () => {
  const dataset = await camvid(smallCamvid());
  assert.equal(dataset.classes.length, 11);
  assert.deepEqual([dataset.classes[0]!.name, dataset.classes[10]!.name], ['sky', 'bicyclist']);
  assert.deepEqual(dataset.ids('train'), ['0001', '0002']);
  assert.deepEqual(Array.from((await dataset.load('val', 0)).label.data), [0, 10, -1]);
});

test('CamVid lists decide order and content, with the prefix of the original release too', async () => {
  const list = '/SegNet/CamVid/train/0002.png /SegNet/CamVid/trainannot/0002.png\r\n';
  const dataset = await camvid(smallCamvid({ 'camvid_train_list.txt': list }));
  assert.deepEqual(dataset.ids('train'), ['0002']);
  assert.deepEqual(dataset.ids('val'), ['0003']);
  assert.equal((await dataset.load('train', 0)).image.width, 3);
});

test('CamVid lists with a broken line or a missing label are refused', async () => {
  const odd = smallCamvid({ 'camvid_val_list.txt': 'val/0003.png valannot/0003.png\nval/0003.png\n' });
  await assert.rejects(camvid(odd), {
    code: 'dataset-pair',
    where: join(odd, 'camvid_val_list.txt'),
    message: /Line 2/,
  });
  const absent = smallCamvid({ 'camvid_val_list.txt': 'val/0003.png valannot/0004.png\n' });
  await assert.rejects(camvid(absent), {
    code: 'dataset-pair',
    message: /0003\.png: The image has no label map/,
  });
});

test('a class id 12 in CamVid is out of range', async () => {
  const root = smallCamvid({ 'valannot/0003.png': greyPng(3, 1, [0, 12, 11]) });
  await assert.rejects((await camvid(root)).load('val', 0), {
    code: 'dataset-label',
    message: /Class id 12 at pixel x=1, y=0/,
  });
});
