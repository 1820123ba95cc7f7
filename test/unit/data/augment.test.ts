import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  augmentInto,
  drawAugment,
  MEAN_BGR,
  normalise,
  SCALES,
  scaleFactor,
} from '../../../src/data/augment';
import type { Sample } from '../../../src/data/dataset';
import { RandomStream } from '../../../src/engine/random';

const [HEIGHT, WIDTH] = [23, 31];
const sample: Sample = {
  id: 's',
  image: {
    width: WIDTH,
    height: HEIGHT,
    data: Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i * i * 7 + i * 13) % 251),
  },
  label: {
    width: WIDTH,
    height: HEIGHT,
    data: Int8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i * 5) % 11),
  },
};

function augmented(
  draw: { scale: number; top?: number; left?: number; flip?: boolean },
  crop: [number, number],
) {
  const images = new Float32Array(crop[0] * crop[1] * 3).fill(Number.NaN);
  const labels = new Int32Array(crop[0] * crop[1]).fill(99);
  augmentInto(sample, { top: 0, left: 0, flip: false, ...draw }, crop, images, labels);
  return { images, labels };
}

/** RGB bytes behind normalised B G R values. */
const bytes = (images: Float32Array) =>
  Array.from(images, (_, i) => {
    const c = i % 3;
    return Math.round(images[i - c + 2 - c]! + MEAN_BGR[2 - c]!);
  });
const checksum = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, v, i) => sum + v * ((i % 97) + 1), 0);

/**
 * Height, width and checksums of image and label as OpenCV 5.0 resizes the sample above (cv2.resize with fx = fy = f,
 * INTER_LINEAR and INTER_NEAREST), for f = 0.5, 0.6, ..., 2.0.
 */
const OPENCV = [
  [12, 16, 3371995, 47905],
  [14, 19, 4540559, 62408],
  [16, 22, 6161600, 81313],
  [18, 25, 7912668, 105565],
  [21, 28, 10263873, 144040],
  [23, 31, 12528276, 169919],
  [25, 34, 14783618, 204247],
  [28, 37, 18237682, 250180],
  [30, 40, 21111028, 291669],
  [32, 43, 24162978, 333860],
  [34, 46, 27364764, 370524],
  [37, 50, 32287395, 456858],
  [39, 53, 36328893, 501837],
  [41, 56, 40582471, 554821],
  [44, 59, 45502803, 635601],
  [46, 62, 49733625, 690184],
] as const;

test('D3: sixteen scales, from 0.5 to 2.0 in tenths, all of them drawn', () => {
  assert.equal(SCALES, 16);
  const random = RandomStream.seeded(1, 'augment');
  const options = { crop: [8, 8] as [number, number], scale: true, flip: true };
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) seen.add(drawAugment(sample.image, options, random).scale.toFixed(6));
  const expected = Array.from({ length: 16 }, (_, i) => ((5 + i) / 10).toFixed(6));
  assert.deepEqual([...seen].sort(), expected);
});

test('scaling gives the bytes and labels that OpenCV gives', () => {
  for (const [k, [height, width, image, label]] of OPENCV.entries()) {
    const { images, labels } = augmented({ scale: scaleFactor(k) }, [height, width]);
    assert.ok(!labels.includes(-1), `scale ${k}: the whole crop is picture`);
    assert.equal(checksum(labels), label, `labels, scale ${k}`);
    // At 0.5 OpenCV averages areas and rounds the last row and column of an odd size in another way.
    if (k > 0) assert.equal(checksum(bytes(images)), image, `image, scale ${k}`);
  }
});

test('scaling agrees with a plain bilinear mean within one grey level, at every scale', () => {
  const at = (y: number, x: number, c: number) =>
    sample.image.data[
      (Math.min(Math.max(y, 0), HEIGHT - 1) * WIDTH + Math.min(Math.max(x, 0), WIDTH - 1)) * 3 + c
    ]!;
  for (let k = 0; k < SCALES; k++) {
    const scale = 0.5 + k / 10;
    const [height, width] = OPENCV[k]!;
    const got = bytes(augmented({ scale }, [height, width]).images);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) {
          const [v, u] = [(y + 0.5) / scale - 0.5, (x + 0.5) / scale - 0.5];
          const [y0, x0] = [Math.floor(v), Math.floor(u)];
          const [dy, dx] = [v - y0, u - x0];
          const mean =
            (at(y0, x0, c) * (1 - dx) + at(y0, x0 + 1, c) * dx) * (1 - dy) +
            (at(y0 + 1, x0, c) * (1 - dx) + at(y0 + 1, x0 + 1, c) * dx) * dy;
          const value = got[(y * width + x) * 3 + c]!;
          assert.ok(Math.abs(value - mean) <= 1, `scale ${scale} at ${y},${x},${c}: ${value}, not ${mean}`);
        }
  }
});

test('D4: labels are never mixed, and what lies beyond the picture is 0 and ignored', () => {
  const { images, labels } = augmented({ scale: 0.5 }, [20, 20]);
  const ids = new Set(sample.label.data);
  for (let y = 0; y < 20; y++)
    for (let x = 0; x < 20; x++) {
      const p = y * 20 + x;
      if (y >= 12 || x >= 16) {
        assert.equal(labels[p], -1);
        assert.deepEqual(Array.from(images.subarray(p * 3, p * 3 + 3)), [0, 0, 0]);
      } else {
        assert.ok(ids.has(labels[p]!));
        assert.equal(
          labels[p],
          sample.label.data[Math.min(2 * y, HEIGHT - 1) * WIDTH + Math.min(2 * x, WIDTH - 1)],
        );
      }
    }
});

test('an ignored label stays ignored', () => {
  const label = { ...sample.label, data: new Int8Array(HEIGHT * WIDTH).fill(-1) };
  const labels = new Int32Array(64);
  augmentInto(
    { ...sample, label },
    { scale: 1.3, top: 2, left: 3, flip: true },
    [8, 8],
    new Float32Array(192),
    labels,
  );
  assert.deepEqual(labels, new Int32Array(64).fill(-1));
});

test('a crop is a window of the scaled picture; flipping mirrors image and label alike', () => {
  const [height, width] = [32, 43];
  const whole = augmented({ scale: 1.4 }, [height, width]);
  const crop: [number, number] = [9, 11];
  const [top, left] = [5, 7];
  const window = augmented({ scale: 1.4, top, left }, crop);
  const flipped = augmented({ scale: 1.4, top, left, flip: true }, crop);
  for (let y = 0; y < crop[0]; y++)
    for (let x = 0; x < crop[1]; x++) {
      const from = (y + top) * width + x + left;
      for (const [part, to] of [
        [window, y * crop[1] + x],
        [flipped, y * crop[1] + crop[1] - 1 - x],
      ] as const) {
        assert.equal(part.labels[to], whole.labels[from]);
        for (let c = 0; c < 3; c++) assert.equal(part.images[to * 3 + c], whole.images[from * 3 + c]);
      }
    }
});

test('flipping mirrors the padding too, as the crop is padded first', () => {
  const { labels } = augmented({ scale: 0.5, flip: true }, [16, 20]);
  assert.deepEqual(Array.from(labels.subarray(0, 4)), [-1, -1, -1, -1]);
  assert.notEqual(labels[4], -1);
});

test('offsets reach every position and no further; a small picture has one', () => {
  const random = RandomStream.seeded(2, 'augment');
  const plain = { scale: false, flip: false };
  const tops = new Set<number>();
  const lefts = new Set<number>();
  for (let i = 0; i < 600; i++) {
    const draw = drawAugment(sample.image, { crop: [20, 24], ...plain }, random);
    assert.deepEqual([draw.scale, draw.flip], [1, false]);
    tops.add(draw.top);
    lefts.add(draw.left);
  }
  const upTo = (n: number) => Array.from({ length: n + 1 }, (_, i) => i);
  assert.deepEqual(
    [...tops].sort((a, b) => a - b),
    upTo(3),
  );
  assert.deepEqual(
    [...lefts].sort((a, b) => a - b),
    upTo(7),
  );
  const small = drawAugment(sample.image, { crop: [64, 64], ...plain }, random);
  assert.deepEqual([small.top, small.left], [0, 0]);
});

test('half of the draws flip', () => {
  const random = RandomStream.seeded(3, 'augment');
  const options = { crop: [8, 8] as [number, number], scale: false, flip: true };
  let flips = 0;
  for (let i = 0; i < 2000; i++) if (drawAugment(sample.image, options, random).flip) flips++;
  // Five standard deviations.
  assert.ok(Math.abs(flips - 1000) < 112, `${flips} of 2000`);
});

test('images are B G R minus the mean', () => {
  const out = normalise({ width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 255, 0, 128) });
  const expected = [
    30 - 104.00698793,
    20 - 116.66876762,
    10 - 122.67891434,
    128 - 104.00698793,
    -116.66876762,
    255 - 122.67891434,
  ];
  assert.deepEqual(Array.from(out), Array.from(Float32Array.from(expected)));
  const { images } = augmented({ scale: 1 }, [HEIGHT, WIDTH]);
  assert.deepEqual(images, normalise(sample.image));
});
