import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { normalise } from '../../../src/data/normalise';
import { openDataset } from '../../../src/data/open';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import { exportWeights } from '../../../src/nn/weights/state';
import { writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { greyPng, pngBytes, smallFolderDataset } from '../data/files';
import { manifestOf, temporaryFolder } from '../run/fixtures';
import { said } from './said';

const [WIDTH, HEIGHT] = [40, 24];
const workspace = temporaryFolder();
const checkpoint = join(workspace, 'student.safetensors');
const random = RandomStream.seeded(4, 'pictures');
const noise = () =>
  pngBytes({
    width: WIDTH,
    height: HEIGHT,
    depth: 8,
    colorType: 2,
    rows: Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH * 3 }, () => random.int(256))),
  });
const labels = () =>
  greyPng(
    WIDTH,
    HEIGHT,
    Array.from({ length: WIDTH * HEIGHT }, () => [0, 1, 2, 255][random.int(4)]!),
  );
const root = smallFolderDataset({
  'images/val/v.png': noise(),
  'labels/val/v.png': labels(),
  'images/val/w.png': noise(),
  'labels/val/w.png': labels(),
});
/** Counts of (label, prediction), by our own loops from the network's own logits. */
const counts: number[] = new Array(9).fill(0);

before(async () => {
  const engine = await openEngine('wasm');
  const spec = {
    model: 'pspnet',
    backbone: 'resnet18',
    classes: 3,
    inputChannels: 3,
    width: 0.0625,
  } as const;
  const network = buildSegmenter(engine, spec, RandomStream.seeded(2, 'test'));
  writeFileSync(checkpoint, exportWeights(network));
  const dataset = await openDataset({ kind: 'folder', root, onProblem: 'stop' }, '/');
  for (let i = 0; i < 2; i++) {
    const { image, label } = await dataset.load('val', i);
    const logits = engine.tf.tidy(() => {
      const x = engine.tf.tensor4d(normalise(image), [1, HEIGHT, WIDTH, 3]);
      return engine.ops
        .resizeBilinear(
          network.forward(x, { batchNorm: 'frozen', dropout: null }).logits,
          [HEIGHT, WIDTH],
          true,
        )
        .dataSync();
    });
    for (const [p, id] of label.data.entries()) {
      if (id < 0) continue;
      const scores = Array.from(logits.subarray(p * 3, p * 3 + 3));
      counts[id * 3 + scores.indexOf(Math.max(...scores))]! += 1;
    }
  }
  network.dispose();
});

const evaluate = (...more: string[]) =>
  said('eval', checkpoint, '--dataset', 'folder', '--root', root, '--engine', 'wasm', ...more);

test('scores of a checkpoint, as a table and as JSON', async () => {
  const file = join(workspace, 'scores.json');
  const { status, out, err } = await evaluate('--json', file);
  assert.equal(status, 0, err);
  const result = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(result.confusion, counts);
  const iou = [0, 1, 2].map((c) => {
    const row = counts.slice(c * 3, c * 3 + 3).reduce((a, b) => a + b);
    const column = counts.filter((_, i) => i % 3 === c).reduce((a, b) => a + b);
    return counts[c * 4]! / (row + column - counts[c * 4]!);
  });
  assert.deepEqual(
    result.classes.map((c: { name: string; iou: number }) => [c.name, c.iou]),
    ['ground', 'sky', 'tree'].map((name, c) => [name, iou[c]]),
  );
  const mean = iou.reduce((a, b) => a + b) / 3;
  assert.ok(Math.abs(result.miou.cirkd - mean) < 1e-12);
  assert.ok(Math.abs(result.miou.mmsegmentation - mean) < 1e-12);
  assert.deepEqual([result.images, result.split, result.skipped], [2, 'val', []]);
  assert.match(out, /^2 images of the val split\n/);
  assert.match(out, new RegExp(`mIoU, CIRKD .* ${(100 * mean).toFixed(2)} %`));
  assert.match(out, /calibration error/);
});

test('scores of a run come with where it differs from what was published', async () => {
  const { id, folder } = createRunFolder(workspace, 'trained');
  const deviations = ['training.batch is 2; published results have 16.', 'The student has 0.0625.'];
  writeManifest(folder, manifestOf(id, { deviations }));
  const best = join(folder, 'checkpoints', 'best');
  mkdirSync(best, { recursive: true });
  copyFileSync(checkpoint, join(best, 'student.safetensors'));
  const place = ['--dataset', 'folder', '--root', root, '--engine', 'wasm', '--limit', '1'];
  const { status, out, err } = await said('eval', id, ...place, '--workspace', workspace);
  assert.equal(status, 0, err);
  assert.match(
    out,
    /\nDiffers from the published setting:\n- training\.batch is 2.*\n- The student has 0\.0625\.\n$/,
  );
  assert.doesNotMatch(
    (await evaluate('--limit', '1')).out,
    /Differs/,
    'of a file by itself nothing is known',
  );
});

test('windows, scales and mirroring are passed on', async () => {
  const of = async (...more: string[]) => {
    const file = join(workspace, 'looks.json');
    const { status, err } = await evaluate('--json', file, '--limit', '1', ...more);
    assert.equal(status, 0, err);
    return JSON.parse(readFileSync(file, 'utf8'));
  };
  const whole = await of();
  assert.equal(whole.images, 1);
  const slide = await of('--slide', '16x24');
  assert.deepEqual(slide.inference.slide, { window: [16, 24], stride: [11, 16] });
  const many = await of('--scales', '1,1.5', '--flip', '--average', 'probabilities');
  assert.deepEqual(many.inference, { scales: [1, 1.5], flip: true, average: 'probabilities' });
  for (const other of [slide, many]) assert.notDeepEqual(other.reliability, whole.reliability);
});

test('what does not fit is refused in plain words', async () => {
  for (const [args, words] of [
    [['--split', 'all'], /--split is one of train, val, test, not "all"/],
    [['--slide', '16'], /--slide is HEIGHTxWIDTH/],
    [['--stride', '8x8'], /--stride needs --slide/],
    [['--scales', '1,x'], /--scales takes numbers/],
    [['--limit', '0'], /--limit is a whole number from 1/],
  ] as const) {
    const { status, err } = await evaluate(...args);
    assert.equal(status, 2, err);
    assert.match(err, words);
  }
  const test = await evaluate('--split', 'test');
  assert.equal(test.status, 1);
  assert.match(test.err, /The test split has no usable image/);
  const other = smallFolderDataset({
    'classes.json': JSON.stringify([
      { name: 'a', color: [0, 0, 0] },
      { name: 'b', color: [1, 1, 1] },
    ]),
  });
  const { status, err } = await said(
    'eval',
    checkpoint,
    '--dataset',
    'folder',
    '--root',
    other,
    '--engine',
    'wasm',
  );
  assert.equal(status, 1);
  assert.match(err, /The network has 3 classes, the dataset 2/);
});
