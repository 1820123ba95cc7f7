import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CropMaker, rowsNeeded } from '../../../src/data/augment/crop';
import { type AugmentDraw, cirkdSize, type Draws, drawAugment } from '../../../src/data/augment/draw';
import { type AugmentOptions, resolveAugment } from '../../../src/data/augment/options';
import type { Sample } from '../../../src/data/dataset';
import { MEAN_BGR, normalise } from '../../../src/data/normalise';
import { RandomStream } from '../../../src/engine/random';

interface Case {
  style: 'cirkd' | 'mmseg';
  seed: number;
  height: number;
  width: number;
  options: Pick<AugmentOptions, 'crop' | 'baseSize' | 'catMaxRatio'>;
  size: [number, number];
  top: number;
  left: number;
  flip: boolean;
  colour?: string;
  images: string;
  labels: string;
  sum: number;
}

/** The same crops made by OpenCV and NumPy: test/fixtures/augment/make.py. */
const expected = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/augment/expected.json'), 'utf8'),
) as { conversions: { saturation: number; hue: number; images: string }[]; cases: Case[] };

/** Uniform numbers by the formula of make.py. */
function scripted(seed: number): Draws {
  let count = 0;
  const uniform = () => {
    count++;
    let x = (Math.imul(count, 0x9e3779b1) + Math.imul(seed, 0x85ebca77)) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
  return { uniform, int: (n) => Math.floor(uniform() * n) };
}

/** Likewise, with -1 for 255. */
function pictureOf(height: number, width: number): Sample {
  const data = new Uint8Array(height * width * 3);
  const ids = new Int8Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const texture = (x * 5 + y * 3 + c * 67 + Math.floor((x * y) / 7)) % 256;
        const noise = (x * x * 31 + y * 17 + x * y * 13 + c * 101) % 41;
        data[(y * width + x) * 3 + c] = Math.floor((texture * 3 + noise * 4) / 4) % 256;
      }
      const [u, v] = [Math.floor(x / 9), Math.floor(y / 7)];
      const id = (u + v) % 5 === 0 ? (u * 3 + v) % 6 : 2;
      ids[y * width + x] = (x * 2 + y) % 29 === 0 ? -1 : id;
    }
  return { id: 's', image: { width, height, data }, label: { width, height, data: ids } };
}

const digest = (values: NodeJS.ArrayBufferView) =>
  createHash('sha256').update(values).digest('hex').slice(0, 16);

function cropOf(sample: Sample, draw: AugmentDraw, options: AugmentOptions) {
  const [height, width] = options.crop;
  const images = new Float32Array(height * width * 3).fill(Number.NaN);
  const labels = new Int32Array(height * width).fill(99);
  new CropMaker(resolveAugment(options, 'folder')).make(sample, draw, images, labels);
  return { images, labels };
}

for (const style of ['cirkd', 'mmseg'] as const)
  test(`${style}: the same numbers drawn, the very crops of OpenCV and NumPy`, () => {
    const cases = expected.cases.filter((c) => c.style === style);
    assert.ok(cases.length >= 60);
    for (const { seed, height, width, options, ...wanted } of cases) {
      const sample = pictureOf(height, width);
      const given = { style, ...options };
      const draw = drawAugment(sample.label, resolveAugment(given, 'folder'), scripted(seed));
      const { scaled, top, left, flip, colour } = draw;
      const what = `seed ${seed}, ${height} x ${width}`;
      const of = ({ size, top, left, flip }: Pick<Case, 'size' | 'top' | 'left' | 'flip'>) => ({
        size,
        top,
        left,
        flip,
      });
      assert.deepEqual(of({ size: [scaled.height, scaled.width], top, left, flip }), of(wanted), what);
      if (colour) {
        const { brightness, contrast, contrastFirst, saturation, hue } = colour;
        const c = contrast === null ? '' : 'c';
        const done = `${brightness === null ? '' : 'b'}${contrastFirst ? c : ''}${saturation === null ? '' : 's'}${hue === null ? '' : 'h'}${contrastFirst ? '' : c}`;
        assert.equal(done, wanted.colour, what);
      }
      const { images, labels } = cropOf(sample, draw, given);
      assert.equal(digest(labels), wanted.labels, `labels, ${what}`);
      const sum = images.reduce((a, b) => a + b, 0);
      assert.equal(
        digest(images),
        wanted.images,
        `image, ${what}, ${wanted.colour}: sum ${sum}, ${wanted.sum}`,
      );
    }
  });

test('every colour with saturation and hue changed: the very bytes of OpenCV', () => {
  const axis = Array.from({ length: 52 }, (_, i) => 5 * i);
  const data = Uint8Array.from(axis.flatMap((b) => axis.flatMap((g) => axis.flatMap((r) => [r, g, b]))));
  const [width, height] = [52, 52 * 52];
  const every = {
    id: '',
    image: { width, height, data },
    label: { width, height, data: new Int8Array(data.length / 3) },
  };
  assert.equal(expected.conversions.length, 4);
  for (const { saturation, hue, images } of expected.conversions) {
    const colour = { brightness: null, contrast: null, contrastFirst: false, saturation, hue };
    const draw = { scaled: { height, width, stepX: 1, stepY: 1 }, top: 0, left: 0, flip: false, colour };
    assert.equal(
      digest(cropOf(every, draw, { crop: [height, width] }).images),
      images,
      `${saturation}, ${hue}`,
    );
  }
});

const [HEIGHT, WIDTH] = [23, 31];
const sample = pictureOf(HEIGHT, WIDTH);
const plain = { scale: false, flip: false };
const at = (factor: number, more: Partial<AugmentDraw> = {}): AugmentDraw => ({
  scaled: cirkdSize(sample.image, factor, null),
  top: 0,
  left: 0,
  flip: false,
  colour: null,
  ...more,
});

test('D3: sixteen scales, from 0.5 to 2.0 in tenths, all of them drawn', () => {
  const random = RandomStream.seeded(1, 'augment');
  const options = resolveAugment({ crop: [8, 8] }, 'folder');
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++)
    seen.add((1 / drawAugment(sample.label, options, random).scaled.stepY).toFixed(6));
  const tenths = Array.from({ length: 16 }, (_, i) => ((5 + i) / 10).toFixed(6));
  assert.deepEqual([...seen].sort(), tenths);
});

test('scaling agrees with a plain bilinear mean within one grey level, at every scale', () => {
  const value = (y: number, x: number, c: number) =>
    sample.image.data[
      (Math.min(Math.max(y, 0), HEIGHT - 1) * WIDTH + Math.min(Math.max(x, 0), WIDTH - 1)) * 3 + c
    ]!;
  for (let k = 0; k < 16; k++) {
    const scale = 0.5 + k / 10;
    const draw = at(scale);
    const { height, width } = draw.scaled;
    const { images } = cropOf(sample, draw, { crop: [height, width] });
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) {
          const [v, u] = [(y + 0.5) / scale - 0.5, (x + 0.5) / scale - 0.5];
          const [y0, x0] = [Math.floor(v), Math.floor(u)];
          const [dy, dx] = [v - y0, u - x0];
          const mean =
            (value(y0, x0, c) * (1 - dx) + value(y0, x0 + 1, c) * dx) * (1 - dy) +
            (value(y0 + 1, x0, c) * (1 - dx) + value(y0 + 1, x0 + 1, c) * dx) * dy;
          const got = images[(y * width + x) * 3 + 2 - c]! + MEAN_BGR[2 - c]!;
          assert.ok(Math.abs(got - mean) <= 1.001, `scale ${scale} at ${y},${x},${c}: ${got}, not ${mean}`);
        }
  }
});

test('D4: labels are never mixed, and what lies beyond the picture is 0 and ignored', () => {
  const { images, labels } = cropOf(sample, at(0.5), { crop: [20, 20] });
  for (let y = 0; y < 20; y++)
    for (let x = 0; x < 20; x++) {
      const p = y * 20 + x;
      const inside = y < 12 && x < 16;
      const source = Math.min(2 * y, HEIGHT - 1) * WIDTH + Math.min(2 * x, WIDTH - 1);
      assert.equal(labels[p], inside ? sample.label.data[source] : -1);
      if (!inside) assert.deepEqual(Array.from(images.subarray(p * 3, p * 3 + 3)), [0, 0, 0]);
    }
});

test('an image pad value is given as it is after normalisation', () => {
  const { images, labels } = cropOf(sample, at(0.5), { crop: [20, 20], padValue: -7.5 });
  assert.deepEqual([images[3 * 19], labels[19], images[3 * 380 + 2]], [-7.5, -1, -7.5]);
});

test('a crop is a window of the scaled picture; flipping mirrors image and label alike', () => {
  const whole = cropOf(sample, at(1.4), { crop: [32, 43] });
  const crop: [number, number] = [9, 11];
  const [top, left] = [5, 7];
  const window = cropOf(sample, at(1.4, { top, left }), { crop });
  const flipped = cropOf(sample, at(1.4, { top, left, flip: true }), { crop });
  for (let y = 0; y < crop[0]; y++)
    for (let x = 0; x < crop[1]; x++) {
      const from = (y + top) * 43 + x + left;
      for (const [part, to] of [
        [window, y * crop[1] + x],
        [flipped, y * crop[1] + crop[1] - 1 - x],
      ] as const) {
        assert.equal(part.labels[to], whole.labels[from]);
        for (let c = 0; c < 3; c++) assert.equal(part.images[to * 3 + c], whole.images[from * 3 + c]);
      }
    }
});

test('CIRKD flips the padding too, mmsegmentation pads what was flipped', () => {
  const row = (style: 'cirkd' | 'mmseg') =>
    Array.from(cropOf(sample, at(0.5, { flip: true }), { style, crop: [12, 20] }).labels.subarray(0, 20));
  const [cirkd, mmseg] = [row('cirkd'), row('mmseg')];
  assert.deepEqual(cirkd.slice(0, 4), [-1, -1, -1, -1]);
  assert.deepEqual(mmseg, [...cirkd.slice(4), -1, -1, -1, -1]);
});

test('only the rows that a crop needs are looked at', () => {
  const options: AugmentOptions = { crop: [9, 11] };
  for (const factor of [0.5, 0.7, 1, 1.3, 2])
    for (const top of [0, 2]) {
      const draw = at(factor, { top, left: 1 });
      const rows = rowsNeeded(sample.image, draw, resolveAugment(options, 'folder'));
      const cut = { ...sample.image, data: sample.image.data.slice(0, rows * WIDTH * 3) };
      const whole = cropOf(sample, draw, options);
      assert.deepEqual(cropOf({ ...sample, image: cut }, draw, options), whole);
      if (factor === 2) assert.ok(rows < HEIGHT / 2);
      const less = { ...cut, data: cut.data.slice(0, -1 * WIDTH * 3) };
      // At scale 1 the row below has no weight.
      if (factor !== 1) assert.notDeepEqual(cropOf({ ...sample, image: less }, draw, options), whole);
    }
});

test('offsets reach every position and no further; a small picture has one', () => {
  const random = RandomStream.seeded(2, 'augment');
  const tops = new Set<number>();
  const lefts = new Set<number>();
  for (let i = 0; i < 600; i++) {
    const draw = drawAugment(sample.label, resolveAugment({ crop: [20, 24], ...plain }, 'folder'), random);
    assert.deepEqual([draw.scaled.stepX, draw.flip, draw.colour], [1, false, null]);
    tops.add(draw.top);
    lefts.add(draw.left);
  }
  const upTo = (n: number) => Array.from({ length: n + 1 }, (_, i) => i);
  const sorted = (values: Set<number>) => [...values].sort((a, b) => a - b);
  assert.deepEqual([sorted(tops), sorted(lefts)], [upTo(3), upTo(7)]);
  const small = drawAugment(sample.label, resolveAugment({ crop: [64, 64], ...plain }, 'folder'), random);
  assert.deepEqual([small.top, small.left], [0, 0]);
});

test('half of the draws flip', () => {
  const random = RandomStream.seeded(3, 'augment');
  const options = resolveAugment({ crop: [8, 8], scale: false }, 'folder');
  let flips = 0;
  for (let i = 0; i < 2000; i++) if (drawAugment(sample.label, options, random).flip) flips++;
  // Five standard deviations.
  assert.ok(Math.abs(flips - 1000) < 112, `${flips} of 2000`);
});

test('a style is a preset: what is set alone overrides it, datasets have the base sizes of mmsegmentation', () => {
  const crop: [number, number] = [8, 8];
  const cirkd = resolveAugment({ crop }, 'cityscapes');
  assert.deepEqual(cirkd, {
    crop,
    scale: { ratios: 'tenths', range: [0.5, 2], base: null },
    style: 'cirkd',
    catMaxRatio: 1,
    flip: true,
    photometric: false,
    pixels: 'caffe',
    padValue: 0,
  });
  assert.deepEqual(resolveAugment({ crop, style: 'mmseg' }, 'ade20k'), {
    crop,
    scale: { ratios: 'uniform', range: [0.5, 2], base: [2048, 512] },
    style: 'mmseg',
    catMaxRatio: 0.75,
    flip: true,
    photometric: true,
    pixels: 'imagenet',
    padValue: 0,
  });
  assert.equal(resolveAugment({ crop, style: 'mmseg' }, 'camvid').scale!.base, null);
  const own = { ratios: 'uniform', baseSize: [99, 98], catMaxRatio: 0.6, photometric: true } as const;
  const mixed = resolveAugment({ crop, ...own, baseSize: [99, 98] }, 'camvid');
  assert.deepEqual(mixed, { ...cirkd, ...mixed, pixels: 'caffe', catMaxRatio: 0.6, photometric: true });
  assert.deepEqual(mixed.scale, { ratios: 'uniform', range: [0.5, 2], base: [99, 98] });
});

test('images are B G R minus the mean, or R G B over mean and deviation', () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 255, 0, 128) };
  const caffe = [
    30 - 104.00698793,
    20 - 116.66876762,
    10 - 122.67891434,
    128 - 104.00698793,
    -116.66876762,
    255 - 122.67891434,
  ];
  assert.deepEqual(Array.from(normalise(image)), Array.from(Float32Array.from(caffe)));
  const imagenet = [
    (10 - 123.675) / 58.395,
    (20 - 116.28) / 57.12,
    (30 - 103.53) / 57.375,
    (255 - 123.675) / 58.395,
    -116.28 / 57.12,
    (128 - 103.53) / 57.375,
  ];
  for (const [i, v] of normalise(image, 'imagenet').entries()) assert.ok(Math.abs(v - imagenet[i]!) < 1e-6);
  const { images } = cropOf(sample, at(1), { crop: [HEIGHT, WIDTH] });
  assert.deepEqual(images, normalise(sample.image));
});
