import { deflateSync } from 'node:zlib';
import { pngFile } from '../../test/lib/png-file';

/**
 * A PNG of 8 bit as usual encoders write it: for every row the filter whose result is the smallest (PNG specification,
 * 12.8), then deflate at level 6. Decoding cost depends on both, so benchmarks do not take shortcuts here.
 * @param data row-major, `channels` (1 or 3) bytes per pixel
 */
export function encodePng(width: number, height: number, channels: 1 | 3, data: Uint8Array): Buffer {
  return pngFile({ width, height, depth: 8, colorType: channels === 3 ? 2 : 0 }, [
    ['IDAT', deflateSync(filtered(data, height, width * channels, channels), { level: 6 })],
  ]);
}

function filtered(data: Uint8Array, rows: number, perRow: number, step: number): Buffer {
  const out = Buffer.alloc(rows * (perRow + 1));
  const tries = Array.from({ length: 5 }, () => new Uint8Array(perRow));
  const sums = new Float64Array(5);
  for (let y = 0; y < rows; y++) {
    const row = y * perRow;
    sums.fill(0);
    for (let x = 0; x < perRow; x++) {
      const value = data[row + x]!;
      const a = x < step ? 0 : data[row + x - step]!;
      const b = y === 0 ? 0 : data[row + x - perRow]!;
      const c = x < step || y === 0 ? 0 : data[row + x - perRow - step]!;
      for (let f = 0; f < 5; f++) {
        const guess = f === 0 ? 0 : f === 1 ? a : f === 2 ? b : f === 3 ? (a + b) >> 1 : paeth(a, b, c);
        const rest = (value - guess) & 255;
        tries[f]![x] = rest;
        sums[f]! += rest < 128 ? rest : 256 - rest;
      }
    }
    const best = sums.indexOf(Math.min(...sums));
    out[y * (perRow + 1)] = best;
    out.set(tries[best]!, y * (perRow + 1) + 1);
  }
  return out;
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - c - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
