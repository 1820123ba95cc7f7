import assert from 'node:assert/strict';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckCache, checkCacheFile } from '../../../src/data/check/cache';
import { makeRoom } from '../../../src/data/check/cache-room';
import { type CheckOptions, checkDataset } from '../../../src/data/check/check';
import { examinePair } from '../../../src/data/check/pair';
import { layoutOf } from '../../../src/data/open';
import type { DatasetReport } from '../../../src/protocol/dataset-report';
import { greyPng, rgbPng, smallFolderDataset, temporaryFolder, writeFiles } from './files';

process.env.DISTILL_CACHE = temporaryFolder();
const PICTURES = join(__dirname, '../../fixtures/pictures');

async function check(root: string, options: Partial<CheckOptions> = {}): Promise<DatasetReport> {
  const as = { kind: 'folder' as const, root, convention: undefined };
  const layout = await layoutOf(as, root);
  return await checkDataset(as, layout, CheckCache.open(layout.root), { full: true, workers: 0, ...options });
}

/** One training image per size, and one for validation; every label map is all "sky". */
function sized(sizes: [number, number][], more: Record<string, Uint8Array> = {}): string {
  const root = smallFolderDataset(
    Object.fromEntries(
      ['a', 'b', 'c'].flatMap((name) => [
        [`images/train/${name}.png`, null],
        [`labels/train/${name}.png`, null],
      ]),
    ),
  );
  for (const [i, [width, height]] of sizes.entries()) {
    const name = `n${String(i).padStart(4, '0')}`;
    writeFiles(root, {
      [`images/train/${name}.png`]: rgbPng(width, height, [i % 250, 0, 0]),
      [`labels/train/${name}.png`]: greyPng(width, height, 1),
    });
  }
  writeFiles(root, more);
  return root;
}

const LONG_AGO = 1_000_000_000;

/** Makes files look as old as those that `secretly` changes. */
function age(...files: string[]): void {
  for (const file of files) utimesSync(file, LONG_AGO, LONG_AGO);
}

/** Changes an aged file so that nobody can tell by its size and time. */
function secretly(file: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(file);
  const changed = change(bytes);
  assert.equal(changed.length, bytes.length);
  writeFileSync(file, changed);
  age(file);
}

test('a dataset without fault: counts, class frequencies, mean and deviation as computed by hand', async () => {
  const report = await check(smallFolderDataset());
  assert.deepEqual([report.counts, report.problems, report.unusable], [{}, [], null]);
  const train = report.splits.find(({ split }) => split === 'train')!;
  assert.deepEqual(
    [train.pairs, train.usable, train.opened, train.decoded, train.official],
    [3, 3, 3, 3, null],
  );
  const s = train.statistics;
  // Red 10, 20, 30; green and blue the same everywhere.
  assert.deepEqual(s.mean, [20, 50, 90]);
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
  near(s.std![0], Math.sqrt((100 + 400 + 900) / 3 - 400));
  near(s.std![1], 0);
  // Every label map: 0 three times, 1 three times, 2 three times, 255 three times, of 12 pixels.
  assert.deepEqual([s.pixels, s.ignored, s.samples], [36, 9, 3]);
  assert.deepEqual(
    s.classes,
    [0, 1, 2].map(() => ({ pixels: 9, samples: 3 })),
  );
  assert.deepEqual(
    [s.smallest, s.largest],
    [
      [4, 3],
      [4, 3],
    ],
  );
});

test('every kind of problem is told with its file, and is counted', async () => {
  const cut = rgbPng(4, 3, [1, 2, 3]).subarray(0, 60);
  const root = smallFolderDataset({
    'images/train/a.jpg': 'whatever', // two images of one name
    'images/train/lonely.png': rgbPng(4, 3, [0, 0, 0]),
    'labels/val/stray.png': greyPng(4, 3, 0),
    'images/train/cut.png': cut,
    'labels/train/cut.png': greyPng(4, 3, 0),
    'labels/train/b.png': greyPng(3, 4, 0),
    'labels/train/c.png': greyPng(4, 3, [0, 0, 0, 9, 0, 0, 200, 9, 0, 0, 0, 0]),
    'images/train/colours.png': rgbPng(4, 3, [0, 0, 0]),
    'labels/train/colours.png': rgbPng(4, 3, [0, 1, 2]),
    'images/train/good.png': rgbPng(4, 3, [0, 0, 0]),
    'labels/train/good.png': greyPng(4, 3, 1),
  });
  const report = await check(root);
  assert.deepEqual(report.counts, {
    'dataset-pair': 2,
    'image-unreadable': 2,
    'dataset-size': 1,
    'dataset-label': 2,
    'label-without-image': 1,
  });
  const of = (code: string) => report.problems.filter((p) => p.code === code);
  assert.deepEqual(
    of('dataset-pair').map(({ file }) => file),
    [join(root, 'images/train/a.png'), join(root, 'images/train/lonely.png')],
  );
  assert.deepEqual(
    of('image-unreadable').map(({ file }) => file),
    [join(root, 'images/train/a.jpg'), join(root, 'images/train/cut.png')],
  );
  assert.equal(of('dataset-size')[0]!.file, join(root, 'labels/train/b.png'));
  assert.match(of('dataset-size')[0]!.what, /3 x 4 pixels, its image 4 x 3/);
  const unknown = of('dataset-label').find(({ id }) => id === 'c')!;
  assert.deepEqual(unknown.ids, [
    { value: 9, count: 2, x: 3, y: 0 },
    { value: 200, count: 1, x: 2, y: 1 },
  ]);
  assert.match(unknown.what, /9 \(2 pixels, first at x=3, y=0\), 200 \(1 pixel, first at x=2, y=1\)/);
  assert.match(unknown.remedy, /ids 0 to 2, and 255/);
  assert.match(of('dataset-label').find(({ id }) => id === 'colours')!.what, /3 channels/);
  assert.equal(of('label-without-image')[0]!.file, join(root, 'labels/val/stray.png'));
  const [train, val] = report.splits;
  assert.deepEqual([train!.pairs, train!.usable, val!.usable], [6, 1, 1]);
  assert.equal(report.unusable, null);
});

test('a split of which nothing is left is unusable', async () => {
  const report = await check(smallFolderDataset({ 'labels/val/v.png': greyPng(4, 3, 7) }));
  assert.match(report.unusable!, /The val split has no usable image/);
});

test('a second full check reads the changed files alone', async () => {
  const root = smallFolderDataset();
  const image = join(root, 'images/train/a.png');
  age(image);
  const first = await check(root);
  // Red was 10, 20 and 30. What is changed in secret is not read again; a new time is noticed.
  secretly(image, (bytes) => Buffer.from(bytes.map((b, i) => (i > 20 ? b ^ 255 : b))));
  assert.deepEqual((await check(root)).splits, first.splits);
  utimesSync(image, new Date(), new Date(Date.now() + 5000));
  assert.deepEqual((await check(root)).counts, { 'image-unreadable': 1 });
  writeFileSync(image, rgbPng(4, 3, [70, 50, 90]));
  assert.equal((await check(root)).splits[0]!.statistics.mean![0], 40);
});

test('records are kept as stored values: another list of classes is answered without reading a file', async () => {
  const root = smallFolderDataset();
  const labels = ['train/a', 'train/b', 'train/c', 'val/v'].map((name) => join(root, `labels/${name}.png`));
  age(...labels);
  await check(root);
  for (const label of labels) secretly(label, (bytes) => Buffer.alloc(bytes.length));
  const classes = JSON.parse(readFileSync(join(root, 'classes.json'), 'utf8'));
  writeFileSync(join(root, 'classes.json'), JSON.stringify(classes.slice(0, 2)));
  const report = await check(root);
  assert.deepEqual(report.counts, { 'dataset-label': 4 });
  assert.deepEqual(report.problems[0]!.ids, [{ value: 2, count: 3, x: 2, y: 0 }]);
});

test('what a killed process left behind is used as far as it is whole', async () => {
  const root = smallFolderDataset();
  const whole = await check(root);
  const file = checkCacheFile(root);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 5);
  // Two lines and a half.
  writeFileSync(file, `${lines.slice(0, 3).join('\n')}\n${lines[3]!.slice(0, 40)}`);
  assert.equal(CheckCache.open(root).size, 2);
  assert.deepEqual((await check(root)).splits, whole.splits);
  assert.equal(CheckCache.open(root).size, 4, 'the new lines do not continue the torn one');
  writeFileSync(file, 'something else\n');
  assert.equal(CheckCache.open(root).size, 0);
  assert.deepEqual((await check(root)).splits, whole.splits);
  assert.equal(CheckCache.open(root).size, 4);
});

test('superseded lines are cleared away', async () => {
  const root = smallFolderDataset();
  await check(root);
  const file = checkCacheFile(root);
  const [, line] = readFileSync(file, 'utf8').split('\n');
  appendFileSync(file, `${line}\n`.repeat(200));
  utimesSync(join(root, 'images/train/a.png'), 5, 5);
  await check(root);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 5);
});

test('a check that is ended keeps what it found', async () => {
  const root = sized(Array.from({ length: 30 }, () => [4, 4]));
  const controller = new AbortController();
  let done = 0;
  await assert.rejects(
    check(root, {
      signal: controller.signal,
      onProgress: (progress) => {
        done = progress.done;
        if (done === 12) controller.abort();
      },
    }),
    (error) => error === controller.signal.reason,
  );
  assert.equal(done, 12);
  assert.equal(CheckCache.open(root).size, 12);
});

test('threads find what one process finds, and can be ended', async () => {
  const root = sized(
    Array.from({ length: 25 }, (_, i) => [3 + (i % 5), 4] as [number, number]),
    { 'labels/train/n0007.png': greyPng(9, 9, 1), 'labels/train/n0011.png': greyPng(4, 4, 77) },
  );
  const apart = await check(root, { workers: 2 });
  rmSync(checkCacheFile(root));
  const here = await check(root);
  const same = ({ splits, problems, counts }: DatasetReport) => ({ splits, problems, counts });
  assert.deepEqual(same(apart), same(here));
  assert.deepEqual(apart.counts, { 'dataset-size': 1, 'dataset-label': 1 });

  rmSync(checkCacheFile(root));
  const controller = new AbortController();
  const ended = check(root, {
    workers: 2,
    signal: controller.signal,
    onProgress: ({ done }) => done > 0 && controller.abort(),
  });
  await assert.rejects(ended, (error) => error === controller.signal.reason);
});

test('a quick check opens and decodes a part, and still finds sizes and ends that are wrong', async () => {
  const root = sized(
    Array.from({ length: 40 }, () => [4, 4] as [number, number]),
    {
      'labels/train/n0003.png': greyPng(4, 5, 1),
      'images/train/n0005.png': rgbPng(4, 4, [1, 1, 1]).subarray(0, 50),
      'images/train/n0006.png': new Uint8Array(),
      'labels/train/n0008.png': rgbPng(4, 4, [1, 1, 1]),
    },
  );
  const report = await check(root, { full: false });
  assert.deepEqual(report.counts, { 'dataset-size': 1, 'image-unreadable': 2, 'dataset-label': 1 });
  const train = report.splits[0]!;
  assert.equal(train.opened, 40);
  assert.ok(train.decoded >= 20 && train.decoded <= 28, `${train.decoded} decoded`);
  assert.equal(report.full, false);
  // What is known from a full check counts in a quick one.
  await check(root);
  assert.equal((await check(root, { full: false })).splits[0]!.decoded, 37);
});

test('headers of turned JPEGs fit the label maps that decoding would take', async () => {
  const turned = readFileSync(join(PICTURES, 'exif-6.jpg'));
  const root = smallFolderDataset({
    'images/train/upright.jpg': turned,
    'labels/train/upright.png': greyPng(12, 20, 0),
    'images/train/stored.jpg': turned,
    'labels/train/stored.png': greyPng(20, 12, 0),
    'images/train/neither.jpg': turned,
    'labels/train/neither.png': greyPng(13, 20, 0),
  });
  for (const full of [false, true])
    for (const name of ['upright', 'stored', 'neither']) {
      const [image, label] = [join(root, `images/train/${name}.jpg`), join(root, `labels/train/${name}.png`)];
      const { faults, map } = await examinePair({ image, label }, full);
      assert.equal(map !== null, full, 'headers are enough');
      assert.equal(faults.length, name === 'neither' ? 1 : 0, `${name} ${full}`);
      // Against the image as it is shown.
      if (name === 'neither') assert.match(faults[0]!.what, /13 x 20 pixels, its image 12 x 20/);
    }
});

test('what is no longer there is forgotten by a full check, and the file shrinks', async () => {
  const root = smallFolderDataset();
  await check(root);
  const file = checkCacheFile(root);
  assert.equal(CheckCache.open(root).size, 4);
  for (const name of ['images/train/a.png', 'labels/train/a.png']) rmSync(join(root, name));
  await check(root, { full: false });
  assert.equal(CheckCache.open(root).size, 4, 'a quick check sees a part of the files only');
  await check(root);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 4);
  assert.equal(CheckCache.open(root).size, 3);
});

test('of the caches of all datasets those used longest ago go when they are too large together', () => {
  const folder = temporaryFolder();
  const [own, old, recent] = ['own', 'old', 'recent'].map((name) => join(folder, `${name}.files.jsonl`)) as [
    string,
    string,
    string,
  ];
  for (const [i, file] of [own, old, recent].entries()) {
    writeFileSync(file, 'x'.repeat(100));
    utimesSync(file, LONG_AGO + i, LONG_AGO + i);
  }
  const names = () => readdirSync(folder).sort();
  makeRoom(own, 300);
  assert.equal(names().length, 3);
  makeRoom(own, 299);
  assert.deepEqual(names(), ['own.files.jsonl', 'recent.files.jsonl'], 'the file in use stays, however old');
  CheckCache.open('/nowhere', recent);
  assert.ok(statSync(recent).mtimeMs > 1000 * (LONG_AGO + 100), 'reading counts as use');
  makeRoom(own, 0);
  assert.deepEqual(names(), ['own.files.jsonl']);
});
