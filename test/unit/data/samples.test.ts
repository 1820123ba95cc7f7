import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { STREET_CLASSES } from '../../../samples/classes';
import { streetScene } from '../../../samples/streets';
import { ensureSampleDataset } from '../../../samples/write';
import { openDataset } from '../../../src/data/open';
import { temporaryFolder, writeFiles } from './files';

const SMALL = { size: [24, 32] as [number, number], train: 3, val: 2 };

const digest = (name: string, seed = 1) => {
  const { rgb, label } = streetScene(seed, name, 48, 48);
  return createHash('sha256').update(rgb).update(label).digest('hex');
};

test('a scene is the same for the same seed and name, and another for another', () => {
  assert.equal(digest('train-0001'), digest('train-0001'));
  const digests = ['train-0001', 'train-0002', 'val-0001'].flatMap((name) => [
    digest(name, 1),
    digest(name, 2),
  ]);
  assert.equal(new Set(digests).size, 6);
});

test('eight classes occur, the person is rare, some pixels are to be ignored', () => {
  const counts = new Float64Array(256);
  const scenes = 60;
  for (let i = 0; i < scenes; i++) for (const id of streetScene(1, `train-${i}`, 48, 48).label) counts[id]!++;
  const share = (id: number) => counts[id]! / (scenes * 48 * 48);
  assert.equal(STREET_CLASSES.length, 8);
  STREET_CLASSES.forEach(({ name }, id) => {
    if (name !== 'person') assert.ok(share(id) > 0.01, `${name}: ${share(id)}`);
  });
  const person = STREET_CLASSES.findIndex(({ name }) => name === 'person');
  assert.ok(share(person) > 0.001 && share(person) < 0.015, `person: ${share(person)}`);
  assert.ok(share(255) > 0.005 && share(255) < 0.06, `ignore: ${share(255)}`);
  const known = STREET_CLASSES.reduce((sum, _, id) => sum + share(id), share(255));
  assert.ok(Math.abs(known - 1) < 1e-9, 'no other ids');
});

test('scenes are lit differently, from dusk to noon', () => {
  const brightness = Array.from({ length: 30 }, (_, i) => {
    const { rgb } = streetScene(1, `train-${i}`, 24, 24);
    return rgb.reduce((sum, v) => sum + v, 0) / rgb.length;
  });
  assert.ok(Math.max(...brightness) > 1.5 * Math.min(...brightness));
});

test('the scenes are written as a folder dataset and read by its reader', async () => {
  const root = join(temporaryFolder(), 'deep', 'sample');
  await ensureSampleDataset(root, SMALL);
  const dataset = await openDataset({ kind: 'folder', root, onProblem: 'stop' }, '/');
  assert.deepEqual([dataset.ids('train').length, dataset.ids('val').length], [3, 2]);
  assert.deepEqual(dataset.classes, STREET_CLASSES);
  for (const split of ['train', 'val'] as const)
    for (const [i, id] of dataset.ids(split).entries()) {
      const { image, label } = await dataset.load(split, i);
      const scene = streetScene(1, id, 32, 24);
      assert.deepEqual([image.width, image.height], [32, 24]);
      assert.deepEqual(image.data, scene.rgb);
      assert.deepEqual(
        Array.from(label.data),
        Array.from(scene.label, (v) => (v === 255 ? -1 : v)),
      );
    }
});

test('what is complete is left alone; other parameters, or a missing marker of completion, are not taken for it', async () => {
  const parent = temporaryFolder();
  const root = join(parent, 'sample');
  await ensureSampleDataset(root, SMALL);
  const first = statSync(join(root, 'classes.json')).ino;
  await ensureSampleDataset(root, SMALL);
  assert.equal(statSync(join(root, 'classes.json')).ino, first);
  await ensureSampleDataset(root, { ...SMALL, train: 4 });
  assert.equal(readdirSync(join(root, 'images/train')).length, 4);
  assert.deepEqual(readdirSync(parent), ['sample'], 'nothing is left beside');
});

test('a folder that is something else is refused and stays as it is', async () => {
  const root = temporaryFolder();
  writeFiles(root, { 'thesis.tex': 'years of work' });
  await assert.rejects(ensureSampleDataset(root, SMALL), { code: 'dataset-missing', where: root });
  assert.deepEqual(readdirSync(root), ['thesis.tex']);
});

test('two processes at once leave one complete dataset', async () => {
  const parent = temporaryFolder();
  const root = join(parent, 'sample');
  await Promise.all([ensureSampleDataset(root, SMALL), ensureSampleDataset(root, SMALL)]);
  assert.equal(readdirSync(join(root, 'images/train')).length, 3);
  assert.deepEqual(readdirSync(parent), ['sample']);
});

test('where nothing can be written the error is told and nothing is left behind', async () => {
  const parent = temporaryFolder();
  writeFileSync(join(parent, 'file'), '');
  const root = join(parent, 'file', 'sample');
  await assert.rejects(openDataset({ kind: 'sample', root, onProblem: 'stop' }, '/'), { code: 'io' });
  assert.equal(existsSync(root), false);
  rmSync(join(parent, 'file'));
  assert.deepEqual(readdirSync(parent), []);
});
