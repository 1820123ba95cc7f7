import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfilter } from '../../../src/data/png-filters';
import { RandomStream } from '../../../src/engine/random';

/** The PNG specification, 9.2, byte by byte. */
function plainly(raw: Uint8Array, rows: number, perRow: number, step: number): Uint8Array {
  const out = new Uint8Array(rows * perRow);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < perRow; x++) {
      const at = (dy: number, dx: number) =>
        y - dy < 0 || x - dx < 0 ? 0 : out[(y - dy) * perRow + x - dx]!;
      const [a, b, c] = [at(0, step), at(1, 0), at(1, step)];
      const near = [a, b, c].map((v) => Math.abs(a + b - c - v));
      const paeth = [a, b, c][near.indexOf(Math.min(...near))]!;
      const guess = [0, a, b, (a + b) >> 1, paeth][raw[y * (perRow + 1)]!]!;
      out[y * perRow + x] = raw[y * (perRow + 1) + 1 + x]! + guess;
    }
  return out;
}

for (const step of [1, 2, 3, 4, 6, 8])
  test(`every filter, ${step} bytes apart, in rows of every length and pictures of many bands`, () => {
    const random = RandomStream.seeded(step, 'rows');
    for (const [rows, columns] of [
      [7, 1],
      [9, 5],
      [12, 31],
      [40, 9000 / step],
    ] as const) {
      const perRow = Math.floor(columns) * step;
      const raw = Uint8Array.from({ length: rows * (perRow + 1) }, () => random.int(256));
      for (let y = 0; y < rows; y++) raw[y * (perRow + 1)] = y < 5 ? y : random.int(5);
      const before = Buffer.concat([Uint8Array.of(1, 2, 3), raw]);
      const got = unfilter(before, 3, rows, perRow, step);
      assert.ok(Buffer.from(got).equals(plainly(raw, rows, perRow, step)), `${rows} rows of ${perRow} bytes`);
    }
  });

test('a filter that does not exist is named', () => {
  const raw = new Uint8Array(5 * 4);
  raw[3 * 4] = 9;
  assert.throws(() => unfilter(raw, 0, 5, 3, 3), /row 3 has the unknown filter 9/);
});
