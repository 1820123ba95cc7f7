import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';

type NormKernels = Pick<Kernels, 'normTrain' | 'normTrainGrad' | 'normFrozen' | 'normFrozenGrad'>;

/** Sums of a batch are made in at most so many parts. */
const MOST_PARTS = 64;

/** Batch norm in two passes over the data each way; sums in double precision, so that one pass gives the variance. */
export function wasmNorm(tf: Tf, heap: WasmHeap, threads: Threads): NormKernels {
  const chunk = threads.constant('CHUNK');
  const perTask = threads.constant('PER_TASK');
  const at = (t: Tensor) => heap.pointer(t);
  /** Rows that a task takes: a whole number of chunks, so that sums are the same whatever the task. */
  const rowsPerTask = (c: number) => chunk * Math.ceil(perTask / (chunk * c));
  const perChannel = (values: Float64Array) => tf.tensor1d(Float32Array.from(values));

  const affine = (x: Tensor4D, scale: Float64Array, shift: Float64Array): Tensor4D => {
    const out = heap.alloc<Tensor4D>(x.shape);
    const s = perChannel(scale);
    const t = perChannel(shift);
    const c = scale.length;
    const rows = x.size / c;
    const some = rowsPerTask(c);
    threads.run('channelAffine', Math.ceil(rows / some), at(x), at(s), at(t), at(out), rows, c, some);
    tf.dispose([s, t]);
    return out;
  };

  /** Sums over N, H, W of `a`, or of b - centre without it, and of that times b - centre. */
  const sums = (a: Tensor4D | null, b: Tensor4D, centre: Tensor1D) => {
    const c = centre.size;
    const rows = b.size / c;
    const some = Math.max(rowsPerTask(c), chunk * Math.ceil(rows / (chunk * MOST_PARTS)));
    const tasks = Math.ceil(rows / some);
    const parts = heap.alloc([tasks * 2 * c * 2]);
    const square = a === null ? 1 : 0;
    threads.run('channelSums', tasks, at(a ?? b), at(b), at(centre), rows, c, square, some, at(parts));
    const values = heap.f64(parts);
    const first = values.slice(0, c);
    const product = values.slice(c, 2 * c);
    for (let part = 2 * c; part < values.length; part += 2 * c)
      for (let k = 0; k < c; k++) {
        first[k]! += values[part + k]!;
        product[k]! += values[part + c + k]!;
      }
    parts.dispose();
    return { first, product };
  };

  const inverse = (gamma: Tensor1D, variance: Tensor1D, epsilon: number) => {
    const g = heap.f32(gamma);
    const inv = Float64Array.from(heap.f32(variance), (v) => 1 / Math.sqrt(v + epsilon));
    return { inv, scale: inv.map((v, k) => v * g[k]!) };
  };

  /** Gradients of beta and gamma: sums of dy and of dy * xhat. */
  const parameterGradients = (
    dy: Tensor4D,
    x: Tensor4D,
    mean: Tensor1D,
    inv: Float64Array,
  ): { dySum: Float64Array; dyXhat: Float64Array } => {
    const { first, product } = sums(dy, x, mean);
    return { dySum: first, dyXhat: product.map((v, k) => v * inv[k]!) };
  };

  return {
    normTrain(x, gamma, beta, epsilon) {
      const c = x.shape[3];
      const count = x.size / c;
      // Distances from each channel's first value: no cancellation when the mean is large against the deviation.
      const origin = tf.tensor1d(heap.f32(x).slice(0, c));
      const { first, product } = sums(null, x, origin);
      const start = heap.f32(origin);
      const mean = first.map((v, k) => start[k]! + v / count);
      const variance = product.map((v, k) => Math.max(0, v / count - (first[k]! / count) ** 2));
      origin.dispose();
      const g = heap.f32(gamma);
      const b = heap.f32(beta);
      const scale = variance.map((v, k) => g[k]! / Math.sqrt(v + epsilon));
      const shift = scale.map((s, k) => b[k]! - mean[k]! * s);
      const y = affine(x, scale, shift);
      return {
        y,
        mean: perChannel(mean),
        variance: perChannel(variance.map((v) => (v * count) / (count - 1))),
        saved: [perChannel(mean), perChannel(variance)],
      };
    },

    normFrozen(x, gamma, beta, mean, variance, epsilon) {
      const { scale } = inverse(gamma, variance, epsilon);
      const m = heap.f32(mean);
      const b = heap.f32(beta);
      return affine(
        x,
        scale,
        scale.map((s, k) => b[k]! - m[k]! * s),
      );
    },

    normTrainGrad(dy, x, gamma, saved, epsilon) {
      const [mean, variance] = saved as [Tensor1D, Tensor1D];
      const { inv, scale } = inverse(gamma, variance, epsilon);
      const { dySum, dyXhat } = parameterGradients(dy, x, mean, inv);
      const c = scale.length;
      const count = x.size / c;
      // dx = scale * (dy - mean(dy) - xhat * mean(dy * xhat)), with xhat = (x - mean) * inv.
      const slope = perChannel(dyXhat.map((v, k) => (-v * inv[k]!) / count));
      const offset = perChannel(dySum.map((v) => -v / count));
      const factor = perChannel(scale);
      const out = heap.alloc<Tensor4D>(x.shape);
      const some = rowsPerTask(c);
      threads.run(
        'channelNormGrad',
        Math.ceil(count / some),
        ...[dy, x, mean, slope, offset, factor, out].map(at),
        ...[count, c, some],
      );
      tf.dispose([slope, offset, factor]);
      return { x: out, gamma: perChannel(dyXhat), beta: perChannel(dySum) };
    },

    normFrozenGrad(dy, x, gamma, mean, variance, epsilon) {
      const { inv, scale } = inverse(gamma, variance, epsilon);
      const { dySum, dyXhat } = parameterGradients(dy, x, mean, inv);
      return {
        x: affine(dy, scale, new Float64Array(scale.length)),
        gamma: perChannel(dyXhat),
        beta: perChannel(dySum),
      };
    },
  };
}
