import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIndexPng, readRgbPng } from '../../../src/data/png';
import { greyPng, type PngParts, pngBytes, rgbPng } from './files';

const indices = (png: PngParts) => Array.from(readIndexPng(pngBytes(png), 'label.png').data);

test('a palette label map gives indices, whatever its colours', () => {
  const palette = [255, 255, 255, 255, 255, 255, 0, 0, 0];
  const rows = [
    [0, 1, 2],
    [2, 1, 0],
  ];
  assert.deepEqual(
    indices({ width: 3, height: 2, depth: 8, colorType: 3, rows, palette }),
    [0, 1, 2, 2, 1, 0],
  );
});

test('label maps of 1, 2 and 4 bit give the stored values, row by row', () => {
  // Width 5: every row ends within a byte.
  const of = (depth: number, rows: number[][]) => indices({ width: 5, height: 2, depth, colorType: 0, rows });
  assert.deepEqual(of(1, [[0b10110_000], [0b01001_111]]), [1, 0, 1, 1, 0, 0, 1, 0, 0, 1]);
  assert.deepEqual(
    of(2, [
      [0b00_01_10_11, 0b01_000000],
      [0b11_10_01_00, 0b10_000000],
    ]),
    [0, 1, 2, 3, 1, 3, 2, 1, 0, 2],
  );
  assert.deepEqual(
    of(4, [
      [0x01, 0x2a, 0xf0],
      [0xb0, 0x12, 0x30],
    ]),
    [0, 1, 2, 10, 15, 11, 0, 1, 2, 3],
  );
  const palette = [0, 0, 0, 9, 9, 9, 5, 5, 5, 7, 7, 7];
  assert.deepEqual(
    indices({ width: 3, height: 1, depth: 2, colorType: 3, rows: [[0b11_01_10_00]], palette }),
    [3, 1, 2],
  );
});

test('a label map of 16 bit gives values above 255', () => {
  const rows = [[1, 44, 0, 7]];
  assert.deepEqual(indices({ width: 2, height: 1, depth: 16, colorType: 0, rows }), [300, 7]);
});

test('a label map of colours is refused', () => {
  assert.throws(() => readIndexPng(rgbPng(2, 2, [1, 2, 3]), 'label.png'), {
    code: 'dataset-label',
    message: /label\.png: The label map has 3 channels.*8-bit grey or palette PNG/,
  });
});

test('images of every kind become RGB bytes', () => {
  const rgb = (png: Omit<PngParts, 'height'>) =>
    Array.from(readRgbPng(pngBytes({ ...png, height: 1 }), 'i').data);
  assert.deepEqual(rgb({ width: 1, depth: 8, colorType: 2, rows: [[1, 2, 3]] }), [1, 2, 3]);
  assert.deepEqual(rgb({ width: 1, depth: 8, colorType: 6, rows: [[1, 2, 3, 99]] }), [1, 2, 3]);
  assert.deepEqual(rgb({ width: 1, depth: 8, colorType: 4, rows: [[8, 99]] }), [8, 8, 8]);
  assert.deepEqual(
    rgb({ width: 2, depth: 8, colorType: 3, rows: [[1, 0]], palette: [1, 2, 3, 4, 5, 6] }),
    [4, 5, 6, 1, 2, 3],
  );
  assert.deepEqual(rgb({ width: 2, depth: 4, colorType: 0, rows: [[0xf1]] }), [255, 255, 255, 17, 17, 17]);
  assert.deepEqual(
    rgb({ width: 1, depth: 16, colorType: 2, rows: [[200, 1, 100, 2, 50, 3]] }),
    [200, 100, 50],
  );
});

test('a palette image that uses a colour it does not define is refused', () => {
  const png = pngBytes({ width: 1, height: 1, depth: 8, colorType: 3, rows: [[7]], palette: [1, 2, 3] });
  assert.throws(() => readRgbPng(png, 'i.png'), { code: 'image-unreadable', message: /palette entry 7/ });
});

test('a PNG cut anywhere is refused, naming file and remedy', () => {
  const whole = greyPng(
    40,
    30,
    Array.from({ length: 1200 }, (_, i) => (i * 7919) % 251),
  );
  for (const length of [0, 9, 32, 50, Math.floor(whole.length / 2), whole.length - 13, whole.length - 1])
    assert.throws(
      () => readIndexPng(whole.subarray(0, length), 'cut.png'),
      {
        code: 'image-unreadable',
        where: 'cut.png',
        message: /cut\.png: The image cannot be read.*Copy the file again/,
      },
      `${length} of ${whole.length} bytes`,
    );
});

test('a PNG with a changed byte or with too few rows is refused', () => {
  const changed = greyPng(8, 8, 3);
  changed[45]! ^= 1;
  assert.throws(() => readIndexPng(changed, 'c.png'), { code: 'image-unreadable' });
  const short = pngBytes({
    width: 4,
    height: 4,
    depth: 8,
    colorType: 0,
    rows: [
      [1, 2, 3, 4],
      [1, 2],
    ],
  });
  assert.throws(() => readIndexPng(short, 's.png'), { code: 'image-unreadable' });
});

test('a header that claims an enormous image is refused before memory is asked for', () => {
  const png = pngBytes({ width: 0x7fffffff, height: 0x7fffffff, depth: 8, colorType: 0, rows: [[0]] });
  assert.throws(() => readIndexPng(png, 'huge.png'), {
    code: 'image-unreadable',
    message: /header claims 2147483647 x 2147483647/,
  });
});

test('a PNG that inflates beyond its header, and one with an unknown filter, are refused', () => {
  const bomb = pngBytes({
    width: 4,
    height: 1,
    depth: 8,
    colorType: 0,
    rows: [new Array(4).fill(0), ...new Array(5000).fill(new Array(100).fill(0))],
  });
  assert.throws(() => readIndexPng(bomb, 'bomb.png'), { code: 'image-unreadable' });
  const odd = pngBytes({ width: 1, height: 1, depth: 8, colorType: 0, rows: [[0]], filter: 9 });
  assert.throws(() => readIndexPng(odd, 'odd.png'), {
    code: 'image-unreadable',
    message: /unknown filter 9/,
  });
});
