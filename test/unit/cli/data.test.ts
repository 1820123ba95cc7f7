import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CountProgress } from '../../../src/cli/count-progress';
import { CheckCache } from '../../../src/data/check/cache';
import {
  type BrowserAnswer,
  type BrowserRequest,
  browserAnswerSchema,
} from '../../../src/protocol/dataset-browser';
import { checkProgressSchema, datasetReportSchema } from '../../../src/protocol/dataset-report';
import { readDatasetReport } from '../../../src/run/dataset-reports';
import { runTypeScript } from '../../lib/run-typescript';
import { greyPng, rgbPng, smallFolderDataset, temporaryFolder, writeFiles } from '../data/files';
import { said } from './said';

process.env.DISTILL_CACHE = temporaryFolder();
const MAIN = join(__dirname, '../../../src/cli/main.ts');

test('data check: recognises the layout, prints counts and statistics, and ends with 0', async () => {
  const { status, out } = await said('data', 'check', smallFolderDataset(), '--full');
  assert.equal(status, 0);
  assert.match(out, /^Folder of images and index PNGs in \//);
  assert.match(out, /train +3 +- +3 +3\n/);
  assert.match(out, /train +mean 20\.00 50\.00 90\.00 +deviation 8\.16 0\.00 0\.00 +ignored pixels 25\.0 %/);
  assert.match(out, /ground +33\.3 % +100\.0 %/);
  assert.match(out, /Every file was read\. It can be used as it is\./);
});

test('data check: problems are listed by kind, and the status is 1', async () => {
  const root = smallFolderDataset({
    'labels/train/b.png': greyPng(4, 3, 9),
    'labels/train/c.png': null,
    'images/val/w.png': rgbPng(4, 3, [0, 0, 0]),
    'labels/val/stray.png': greyPng(4, 3, 0),
  });
  const { status, out } = await said('data', 'check', root, '--problems', '1');
  assert.equal(status, 1);
  assert.match(
    out,
    /Pairs that are not complete: 2\n.*train\/c\.png: The image has no label map.*\n {2}and 1 more/,
  );
  assert.match(
    out,
    /Values that are no class ids: 1\n.*b\.png: Not class ids of this dataset: 9 \(12 pixels, first at x=0, y=0\)/,
  );
  assert.match(out, /Label maps without an image \(not used\): 1/);
  assert.match(out, /3 problems .*A run stops at them; with "onProblem": "skip".*1 of train, 1 of val/);
  const report = readDatasetReport({ kind: 'folder', root });
  assert.deepEqual(report?.counts, { 'dataset-pair': 2, 'dataset-label': 1, 'label-without-image': 1 });
});

test('data check: released layouts are told apart by their folders', async () => {
  for (const [kind, files] of [
    ['cityscapes', ['leftImg8bit/train/a/x', 'leftImg8bit/val/a/x', 'gtFine/train/a/x', 'gtFine/val/a/x']],
    ['camvid', ['train/x', 'trainannot/x', 'val/x', 'valannot/x']],
    [
      'ade20k',
      ['images/training/x', 'images/validation/x', 'annotations/training/x', 'annotations/validation/x'],
    ],
    [
      'coco-stuff-164k',
      ['images/train2017/x', 'images/val2017/x', 'annotations/train2017/x', 'annotations/val2017/x'],
    ],
  ] as const) {
    const root = temporaryFolder();
    writeFiles(root, Object.fromEntries(files.map((file) => [file, ''])));
    const { status, out } = await said('data', 'check', root, '--json');
    const report = datasetReportSchema.parse(JSON.parse(out));
    assert.equal(report.kind, kind);
    // Nothing in it is an image.
    assert.equal(status, 1);
    assert.match(report.unusable!, /The train split has no usable image/);
  }
});

test('data check: a folder that is nothing known, or not there, is refused with what is expected', async () => {
  const root = temporaryFolder();
  writeFiles(root, { 'images/train/a.png': rgbPng(1, 1, [0, 0, 0]) });
  const unknown = await said('data', 'check', root);
  assert.equal(unknown.status, 1);
  assert.match(unknown.err, /No known dataset layout is here[\s\S]*cityscapes: leftImg8bit\/train/);
  const named = await said('data', 'check', root, '--dataset', 'folder');
  assert.equal(named.status, 1);
  assert.match(named.err, /classes\.json: The list of classes cannot be read/);
  assert.match((await said('data', 'check', join(root, 'nowhere'))).err, /This folder does not exist/);
});

test('data: wrong use is explained', async () => {
  for (const [args, message] of [
    [[], /What\?/],
    [['look'], /no "data look"/],
    [['check'], /Which folder\?/],
    [['check', 'a', 'b'], /One folder at a time/],
    [['check', '.', '--dataset', 'imagenet'], /--dataset is one of sample, folder/],
    [['check', '.', '--dataset', 'voc', '--convention', '171'], /--convention belongs to/],
    [['check', '.', '--problems', 'all'], /--problems is a whole number/],
    [['serve', '--dataset', 'sample', '.'], /with a channel/],
  ] as const) {
    const { status, err } = await said('data', ...args);
    assert.equal(args[0] === 'serve' ? status > 0 : status === 2, true, args.join(' '));
    if (args[0] !== 'serve') assert.match(err, message);
  }
});

test('data check: ended by Ctrl-C it keeps what it read, and says so', async () => {
  const root = smallFolderDataset();
  const many: Record<string, Uint8Array> = {};
  for (let i = 0; i < 300; i++) {
    many[`images/train/n${i}.png`] = rgbPng(40, 40, [1, 2, 3]);
    many[`labels/train/n${i}.png`] = greyPng(40, 40, 1);
  }
  writeFiles(root, many);
  const child = spawn(process.execPath, [...runTypeScript, MAIN, 'data', 'check', root, '--full', '--json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  let progressed = 0;
  child.stderr.on('data', (chunk) => {
    err += chunk;
    for (const line of err.split('\n').slice(0, -1)) {
      if (!line.startsWith('{')) continue;
      progressed = checkProgressSchema.parse(JSON.parse(line)).done;
      if (progressed > 0 && !child.killed) child.kill('SIGINT');
    }
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(status, 130, err);
  assert.match(err, /Ended\. What was read is remembered/);
  const { size } = CheckCache.open(root);
  assert.ok(size >= progressed && size < 304, `${size} of 304 kept, ${progressed} told`);
});

test('data serve: answers over its channel, and ends when that is closed', async () => {
  const root = smallFolderDataset({
    'labels/train/b.png': greyPng(4, 3, [9, 1, 2, 255, 0, 0, 0, 0, 0, 0, 0, 0]),
  });
  await said('data', 'check', root, '--full');
  const child = fork(MAIN, ['data', 'serve', root, '--dataset', 'folder'], {
    serialization: 'advanced',
    execArgv: runTypeScript,
  });
  const answers: BrowserAnswer[] = [];
  const waiting: ((answer: BrowserAnswer) => void)[] = [];
  child.on('message', (value) => {
    const answer = browserAnswerSchema.parse(value);
    const next = waiting.shift();
    if (next) next(answer);
    else answers.push(answer);
  });
  const next = () =>
    new Promise<BrowserAnswer>((resolve) => {
      const there = answers.shift();
      if (there) resolve(there);
      else waiting.push(resolve);
    });
  const ask = (request: BrowserRequest) => {
    child.send(request);
    return next();
  };
  const opened = await next();
  assert.ok(opened.kind === 'opened');
  assert.deepEqual(opened.splits, [
    { split: 'train', count: 3 },
    { split: 'val', count: 1 },
  ]);

  const find = {
    kind: 'find' as const,
    request: 1,
    split: 'train' as const,
    name: '',
    classId: null,
    problems: false,
  };
  const indices = async (change: Partial<Omit<typeof find, 'classId'> & { classId: number }>) => {
    const found = await ask({ ...find, ...change });
    assert.ok(found.kind === 'found');
    assert.deepEqual([found.known, found.of], [3, 3]);
    return Array.from(new Int32Array(found.indices));
  };
  assert.deepEqual(await indices({}), [0, 1, 2]);
  assert.deepEqual(await indices({ name: 'B' }), [1]);
  assert.deepEqual(await indices({ problems: true }), [1]);
  assert.deepEqual(await indices({ classId: 2, name: 'c' }), [2]);

  const sample = await ask({ kind: 'sample', split: 'train', index: 1 });
  assert.ok(sample.kind === 'sample');
  assert.deepEqual([sample.id, sample.width, sample.height], ['b', 4, 3]);
  assert.match(
    sample.problems.join(),
    /^Not class ids of this dataset: 9 \(1 pixel, first at x=0, y=0\)\. Use ids 0 to 2/,
  );
  assert.deepEqual(Array.from(new Uint8Array(sample.image!).subarray(0, 3)), [20, 50, 90]);
  // 9 is no class of the three; 255 is ignored.
  assert.deepEqual(Array.from(new Uint8Array(sample.label!).subarray(0, 4)), [254, 1, 2, 255]);
  assert.deepEqual(Array.from(new Uint8Array(sample.raw!).subarray(0, 4)), [9, 1, 2, 255]);

  // What is broken since is told, and the process lives on.
  rmSync(join(root, 'images/train/a.png'));
  const broken = await ask({ kind: 'sample', split: 'train', index: 0 });
  assert.ok(broken.kind === 'sample' && broken.image === null && broken.label !== null);
  assert.match(broken.problems[0]!, /a\.png: The image cannot be read: the file does not exist/);
  assert.equal((await ask({ kind: 'sample', split: 'train', index: 99 })).kind, 'problem');

  child.disconnect();
  assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
});

test('progress: one line that is rewritten on a terminal, JSON for programs, not too often', () => {
  const run = (tty: boolean, json: boolean) => {
    let now = 0;
    let text = '';
    const progress = new CountProgress(
      { isTTY: tty, columns: 30, write: (t) => (text += t) },
      json,
      () => now,
    );
    for (let done = 0; done <= 4; done++, now += 60) progress.show({ text: 'Reading', done, total: 4 });
    progress.close();
    return text;
  };
  assert.equal(
    run(true, false),
    '\r\x1b[2KReading: 0 of 4\r\x1b[2KReading: 2 of 4\r\x1b[2KReading: 4 of 4\r\x1b[2K',
  );
  assert.equal(run(false, false), 'Reading: 0 of 4\n');
  assert.deepEqual(
    run(false, true)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).done),
    [0, 2, 4],
  );
});
