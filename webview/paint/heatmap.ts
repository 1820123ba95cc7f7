import { pack, type Rgb } from './color';
import type { Table } from './table';

/** Dark to bright, even in lightness and readable with any colour vision: anchors of matplotlib's viridis (CC0). */
const sequentialAnchors: Rgb[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];
/** Blue, white, red about zero: ColorBrewer's RdBu, colour-blind safe. */
const divergingAnchors: Rgb[] = [
  [5, 48, 97],
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [247, 247, 247],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
  [103, 0, 31],
];

/** 256 colours, linear between anchors that are evenly spaced. */
export function ramp(anchors: readonly Rgb[]): Table {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (anchors.length - 1);
    const left = Math.min(Math.floor(at), anchors.length - 2);
    const mix = (part: 0 | 1 | 2) =>
      Math.round(anchors[left]![part] + (anchors[left + 1]![part] - anchors[left]![part]) * (at - left));
    return pack(mix(0), mix(1), mix(2));
  });
}

export const sequential = ramp(sequentialAnchors);
export const diverging = ramp(divergingAnchors);
export const grey = ramp([
  [24, 24, 24],
  [232, 232, 232],
]);

export interface Range {
  min: number;
  max: number;
}

/** Paints values through a ramp; what lies outside the range takes its ends, NaN stays transparent. */
export function paintHeatmap(values: Float32Array, range: Range, table: Table, out: Uint32Array): void {
  const { min, max } = range;
  const scale = max > min ? 255 / (max - min) : 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < max) out[i] = table[v > min ? ((v - min) * scale + 0.5) | 0 : 0]!;
    else if (v >= max) out[i] = table[scale > 0 ? 255 : 0]!;
    else out[i] = 0;
  }
}

const sorted = new WeakMap<Float32Array, Float32Array>();

/** At most 65 536 of the finite values, evenly spread, in order. Kept: a legend, a range and a text ask in turn. */
function inOrder(values: Float32Array): Float32Array {
  let found = sorted.get(values);
  if (!found) {
    const stride = Math.max(1, Math.floor(values.length / 65536));
    const picked = new Float32Array(Math.ceil(values.length / stride));
    let count = 0;
    for (let i = 0; i < values.length; i += stride)
      if (Number.isFinite(values[i]!)) picked[count++] = values[i]!;
    found = picked.subarray(0, count).sort();
    sorted.set(values, found);
  }
  return found;
}

/**
 * Value below which the fraction `q` of the finite values lies; looks at no more than 65 536 of them, evenly spread.
 * @param values must not change afterwards
 */
export function quantile(values: Float32Array, q: number): number {
  const all = inOrder(values);
  return all.length > 0 ? all[Math.min(all.length - 1, Math.floor(q * all.length))]! : Number.NaN;
}

/** From the hardest 2 % of the pixels to 1, which is easy by definition; never narrower than 0.05. */
export function difficultyRange(values: Float32Array, stretch: boolean): Range {
  if (!stretch) return { min: 0, max: 1 };
  const low = quantile(values, 0.02);
  return { min: Number.isNaN(low) ? 0 : Math.min(0.95, Math.max(0, low)), max: 1 };
}

/** Symmetric about zero, so that white is zero, and wide enough for 98 % of all paths. */
export function noiseRange(paths: readonly Float32Array[]): Range {
  const reach = Math.max(0, ...paths.map((p) => quantile(p.map(Math.abs), 0.98)).filter(Number.isFinite));
  return reach > 0 ? { min: -reach, max: reach } : { min: -1, max: 1 };
}
