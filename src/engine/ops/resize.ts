import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { type AxisMatrix, adaptiveAverageMatrix, interpolationMatrix, transposed } from './axis-matrix';
import { checkPositiveInteger } from './check';
import { differentiable } from './differentiable';
import type { Kernels } from './kernels';

/** See `Ops.resizeBilinear`. */
export function resizeBilinear(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  [height, width]: [number, number],
  alignCorners: boolean,
): Tensor4D {
  checkPositiveInteger('resizeBilinear', 'height', height);
  checkPositiveInteger('resizeBilinear', 'width', width);
  const [, h, w] = x.shape;
  if (h === height && w === width) return tf.clone(x);
  return separable(
    tf,
    kernels,
    x,
    matrices('resize', h, height, alignCorners),
    matrices('resize', w, width, alignCorners),
  );
}

/** See `Ops.adaptiveAvgPool`. */
export function adaptiveAvgPool(tf: Tf, kernels: Kernels, x: Tensor4D, bins: number): Tensor4D {
  checkPositiveInteger('adaptiveAvgPool', 'bins', bins);
  const [, h, w] = x.shape;
  return separable(tf, kernels, x, matrices('average', h, bins, false), matrices('average', w, bins, false));
}

interface Pair {
  forward: AxisMatrix;
  backward: AxisMatrix;
}

/** A training asks for the same few sizes in every step. */
const cache = new Map<string, Pair>();
const CACHE_LIMIT = 256;

function matrices(kind: 'resize' | 'average', input: number, output: number, alignCorners: boolean): Pair {
  const key = `${kind} ${input} ${output} ${alignCorners}`;
  let pair = cache.get(key);
  if (!pair) {
    const forward =
      kind === 'resize'
        ? interpolationMatrix(input, output, alignCorners)
        : adaptiveAverageMatrix(input, output);
    pair = { forward, backward: transposed(forward) };
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(key, pair);
  }
  return pair;
}

function separable(tf: Tf, kernels: Kernels, x: Tensor4D, rows: Pair, columns: Pair): Tensor4D {
  return differentiable(
    tf,
    [x],
    () => applyBoth(kernels, x, rows.forward, columns.forward),
    (dy) => [() => applyBoth(kernels, dy, rows.backward, columns.backward)],
  );
}

/** Both axes, the one that leaves less work for the other first. */
function applyBoth(kernels: Kernels, x: Tensor4D, rows: AxisMatrix, columns: AxisMatrix): Tensor4D {
  return rows.rows / rows.columns <= columns.rows / columns.columns
    ? kernels.alongAxis(kernels.alongAxis(x, 1, rows), 2, columns)
    : kernels.alongAxis(kernels.alongAxis(x, 2, columns), 1, rows);
}
