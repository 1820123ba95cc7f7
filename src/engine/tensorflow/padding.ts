import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';

/** Zeros on all four sides of every image; x itself if there is nothing to add. */
export function padRowsAndColumns(tf: Tf, x: Tensor4D, by: number): Tensor4D {
  if (by === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ]);
}

/** Undoes `padRowsAndColumns`. */
export function cropRowsAndColumns(tf: Tf, x: Tensor4D, by: number): Tensor4D {
  if (by === 0) return x;
  const [n, h, w, c] = x.shape;
  return tf.slice(x, [0, by, by, 0], [n, h - 2 * by, w - 2 * by, c]);
}
