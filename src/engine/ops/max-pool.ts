import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { checkPositiveInteger, refuse } from './check';
import { differentiable } from './differentiable';
import type { Kernels, PaddedPool } from './kernels';

/** See `Ops.maxPool`. */
export function maxPool(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  size: number,
  stride: number,
  padding: number,
  ceil: boolean,
): Tensor4D {
  checkPositiveInteger('maxPool', 'size', size);
  checkPositiveInteger('maxPool', 'stride', stride);
  if (!Number.isInteger(padding) || padding < 0 || padding > size / 2)
    refuse('maxPool', `padding is ${padding}`, `Give 0 to ${Math.floor(size / 2)}, half of the window.`);
  const [, h, w] = x.shape;
  const window = { size, stride };
  const low = -padding;
  // Rows and columns after the image that the last window needs; negative: the image's last ones that no window sees.
  const bottom = paddedEnd(h, size, stride, padding, ceil) - h;
  const right = paddedEnd(w, size, stride, padding, ceil) - w;
  const inside = low === 0 && bottom <= 0 && right <= 0;
  if (kernels.paddedMaxPool) {
    const outHeight = (h + bottom + padding - size) / stride + 1;
    const outWidth = (w + right + padding - size) / stride + 1;
    return withoutCopy(tf, kernels.paddedMaxPool, x, { size, stride, padding, outHeight, outWidth });
  }
  return differentiable(
    tf,
    [x],
    (save) => {
      const padded = inside
        ? x
        : (tf.pad(
            x,
            [
              [0, 0],
              [padding, Math.max(bottom, 0)],
              [padding, Math.max(right, 0)],
              [0, 0],
            ],
            Number.NEGATIVE_INFINITY,
          ) as Tensor4D);
      const y = kernels.maxPool(padded, window);
      save([padded, y]);
      return y;
    },
    (dy, saved) => {
      const [padded, y] = saved as [Tensor4D, Tensor4D];
      return [
        () => {
          const grad = kernels.maxPoolGrad(dy, padded, y, window);
          return inside ? grad : tf.slice(grad, [0, padding, padding, 0], x.shape);
        },
      ];
    },
  );
}

function withoutCopy(
  tf: Tf,
  kernels: NonNullable<Kernels['paddedMaxPool']>,
  x: Tensor4D,
  pool: PaddedPool,
): Tensor4D {
  return differentiable(
    tf,
    [x],
    (save) => {
      const y = kernels.pool(x, pool);
      save([x, y]);
      return y;
    },
    (dy, saved) => {
      const [sx, sy] = saved as [Tensor4D, Tensor4D];
      return [() => kernels.grad(dy, sx, sy, pool)];
    },
  );
}

/** One past the last position the last window covers, measured from the image's first row. */
function paddedEnd(n: number, size: number, stride: number, padding: number, ceil: boolean): number {
  const steps = (n + 2 * padding - size) / stride;
  let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // PyTorch drops a last window that would begin in the padding behind the image.
  if (ceil && (count - 1) * stride >= n + padding) count--;
  if (count < 1)
    refuse('maxPool', `a window of ${size} does not fit into ${n} values`, 'Use larger images or crops.');
  return (count - 1) * stride + size - padding;
}
