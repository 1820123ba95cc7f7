import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';

/** A prediction is looked up pixel by pixel, not printed: beyond this many pixels every n-th row and column will do. */
const MOST_PIXELS = 512 * 512;
const TOP = 3;

/** Every how many pixels a map of this size is kept. */
export function strideFor(height: number, width: number): number {
  return Math.ceil(Math.sqrt(Math.max(1, (height * width) / MOST_PIXELS)));
}

/** Every n-th row and column of a map [N,H,W] or [N,H,W,C], from the first on. */
export function thinned<T extends Tensor3D | Tensor4D>({ tf }: Engine, map: T, stride: number): T {
  if (stride === 1) return map;
  const steps = [1, stride, stride, 1].slice(0, map.rank);
  return tf.stridedSlice(map, Array(map.rank).fill(0), [...map.shape], steps) as T;
}

/**
 * The three most probable classes of every pixel: [pixels, 6] bytes, three class ids and then their probabilities times
 * 255. With fewer classes the rest is 255 with probability 0.
 * @param probabilities row-major [pixels, classes]
 */
export function topClasses(probabilities: Float32Array, classes: number): Uint8Array {
  const pixels = probabilities.length / classes;
  const out = new Uint8Array(pixels * 2 * TOP);
  for (let p = 0; p < pixels; p++) {
    const from = p * classes;
    const to = p * 2 * TOP;
    let [a, b, c] = [-1, -1, -1];
    const of = (id: number) => (id < 0 ? Number.NEGATIVE_INFINITY : probabilities[from + id]!);
    for (let id = 0; id < classes; id++) {
      const value = probabilities[from + id]!;
      if (value > of(a)) [a, b, c] = [id, a, b];
      else if (value > of(b)) [b, c] = [id, b];
      else if (value > of(c)) c = id;
    }
    [a, b, c].forEach((id, k) => {
      out[to + k] = id < 0 ? 255 : id;
      out[to + TOP + k] = id < 0 ? 0 : Math.round(probabilities[from + id]! * 255);
    });
  }
  return out;
}
