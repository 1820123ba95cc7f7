import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import {
  type AverageWindow,
  type AxisMatrix,
  adaptiveAverageMatrix,
  averageMatrix,
  interpolationMatrix,
  nearestMatrix,
  transposed,
} from './axis-matrix';
import { checkPositiveInteger, refuse } from './check';
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
  const pair = (n: number, m: number) =>
    matrices(`bilinear ${n} ${m} ${alignCorners}`, () => interpolationMatrix(n, m, alignCorners));
  return resize(tf, kernels, x, [height, width], pair);
}

/** See `Ops.resizeNearest`. */
export function resizeNearest(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  [height, width]: [number, number],
): Tensor4D {
  checkPositiveInteger('resizeNearest', 'height', height);
  checkPositiveInteger('resizeNearest', 'width', width);
  const pair = (n: number, m: number) => matrices(`nearest ${n} ${m}`, () => nearestMatrix(n, m));
  return resize(tf, kernels, x, [height, width], pair);
}

/** See `Ops.avgPool`. */
export function avgPool(tf: Tf, kernels: Kernels, x: Tensor4D, window: AverageWindow): Tensor4D {
  const { size, stride, padding } = window;
  checkPositiveInteger('avgPool', 'size', size);
  checkPositiveInteger('avgPool', 'stride', stride);
  if (!Number.isInteger(padding) || padding < 0 || padding > size / 2)
    refuse('avgPool', `padding is ${padding}`, `Give 0 to ${Math.floor(size / 2)}, half of the window.`);
  const pair = (n: number) => {
    if (n + 2 * padding < size)
      refuse('avgPool', `a window of ${size} does not fit into ${n} values`, 'Use larger images or crops.');
    return matrices(`average ${n} ${size} ${stride} ${padding}`, () => averageMatrix(n, window));
  };
  const [, h, w] = x.shape;
  return separable(tf, kernels, x, pair(h), pair(w));
}

/** See `Ops.adaptiveAvgPool`. */
export function adaptiveAvgPool(tf: Tf, kernels: Kernels, x: Tensor4D, bins: number): Tensor4D {
  checkPositiveInteger('adaptiveAvgPool', 'bins', bins);
  const pair = (n: number) => matrices(`bins ${n} ${bins}`, () => adaptiveAverageMatrix(n, bins));
  const [, h, w] = x.shape;
  return separable(tf, kernels, x, pair(h), pair(w));
}

function resize(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  [height, width]: [number, number],
  pair: (input: number, output: number) => Pair,
): Tensor4D {
  const [, h, w] = x.shape;
  if (h === height && w === width) return tf.clone(x);
  return separable(tf, kernels, x, pair(h, height), pair(w, width));
}

interface Pair {
  forward: AxisMatrix;
  backward: AxisMatrix;
}

/** A training asks for the same few sizes in every step. */
const cache = new Map<string, Pair>();
const CACHE_LIMIT = 256;

function matrices(key: string, make: () => AxisMatrix): Pair {
  let pair = cache.get(key);
  if (!pair) {
    const forward = make();
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
