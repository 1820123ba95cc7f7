import { roundHalfEven } from './resize';

/**
 * OpenCV's conversions of 8-bit images between RGB and HSV (modules/imgproc/src/color_hsv.simd.hpp): H in 0..179, S and V
 * in 0..255.
 */

/** Multipliers in 1/4096: 255 / V, and 30 / (max - min). */
const PER_VALUE = Int32Array.from({ length: 256 }, (_, v) => (v === 0 ? 0 : roundHalfEven((255 * 4096) / v)));
const PER_RANGE = Int32Array.from({ length: 256 }, (_, d) =>
  d === 0 ? 0 : roundHalfEven((180 * 4096) / (6 * d)),
);

/** OpenCV's vector code truncates where the code for the rest of a row rounds; its blocks with AVX2 are this wide. */
const BLOCK = 32;

/** Added and subtracted again, leaves of a double the nearest integer, halves to even. */
const ROUND = 1.5 * 2 ** 52;

/** By H: which sixth of the circle, and the weight of S in what is not V and not V (1 - S). */
const SECTOR = new Uint8Array(180);
const WEIGHT = new Float64Array(180);
/** By S: S / 255 and 1 - S / 255; by V: V / 255. All float32, as OpenCV computes. */
const SATURATION = new Float64Array(256);
const PALE = new Float64Array(256);
const VALUE = new Float64Array(256);
for (let h = 0; h < 180; h++) {
  const position = Math.fround(h * Math.fround(6 / 180));
  SECTOR[h] = Math.floor(position);
  const fraction = Math.fround(position - SECTOR[h]!);
  WEIGHT[h] = SECTOR[h]! % 2 === 0 ? Math.fround(1 - fraction) : fraction;
}
for (let v = 0; v < 256; v++) {
  VALUE[v] = SATURATION[v] = Math.fround(v * Math.fround(1 / 255));
  PALE[v] = Math.fround(1 - SATURATION[v]!);
}

/**
 * Converts every pixel to HSV, maps H and S through tables, and converts back, as three calls of OpenCV do.
 * @param data RGB, changed in place
 * @param width of a row in pixels
 * @param hues by H, of length 180; values 0..179
 */
export function mapHsv(data: Uint8Array, width: number, hues: Uint8Array, saturations: Uint8Array): void {
  const stride = width * 3;
  const block = (width - (width % BLOCK)) * 3;
  for (let row = 0; row < data.length; row += stride) {
    mapPixels(data, row, row + block, hues, saturations, 0);
    mapPixels(data, row + block, row + stride, hues, saturations, ROUND);
  }
}

/** @param round 0 truncates, `ROUND` rounds */
function mapPixels(
  data: Uint8Array,
  from: number,
  to: number,
  hues: Uint8Array,
  saturations: Uint8Array,
  round: number,
): void {
  for (let i = from; i < to; i += 3) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    const v = r > g ? (r > b ? r : b) : g > b ? g : b;
    const range = v - (r < g ? (r < b ? r : b) : g < b ? g : b);
    const s = saturations[(range * PER_VALUE[v]! + 2048) >> 12]!;
    const turned = v === r ? g - b : v === g ? b - r + 2 * range : r - g + 4 * range;
    const angle = (turned * PER_RANGE[range]! + 2048) >> 12;
    const h = hues[angle < 0 ? angle + 180 : angle]!;

    const value = VALUE[v]!;
    // One rounding, as compilers fuse the product and the difference in OpenCV's code for AVX2.
    const mixed = Math.fround(1 - SATURATION[s]! * WEIGHT[h]!);
    const top = (Math.fround(value * 255) + round - round) | 0;
    const low = (Math.fround(Math.fround(value * PALE[s]!) * 255) + round - round) | 0;
    const middle = (Math.fround(Math.fround(value * mixed) * 255) + round - round) | 0;
    switch (SECTOR[h]) {
      case 0:
        data[i] = top;
        data[i + 1] = middle;
        data[i + 2] = low;
        break;
      case 1:
        data[i] = middle;
        data[i + 1] = top;
        data[i + 2] = low;
        break;
      case 2:
        data[i] = low;
        data[i + 1] = top;
        data[i + 2] = middle;
        break;
      case 3:
        data[i] = low;
        data[i + 1] = middle;
        data[i + 2] = top;
        break;
      case 4:
        data[i] = middle;
        data[i + 1] = low;
        data[i + 2] = top;
        break;
      default:
        data[i] = top;
        data[i + 1] = low;
        data[i + 2] = middle;
    }
  }
}
