import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';

type NormKernels = Pick<Kernels, 'normTrain' | 'normTrainGrad' | 'normFrozen' | 'normFrozenGrad'>;

/** Batch norm in two passes over the data each way; sums in double precision, so that one pass gives the variance. */
export function wasmNorm(heap: WasmHeap): NormKernels {
  return {
    normTrain(x, gamma, beta, epsilon) {
      const c = x.shape[3];
      const y = heap.alloc<Tensor4D>(x.shape);
      const mean = heap.alloc<Tensor1D>([c]);
      const variance = heap.alloc<Tensor1D>([c]);
      const unbiased = heap.alloc<Tensor1D>([c]);
      const values = heap.f32(x);
      const count = values.length / c;
      const sum = new Float64Array(c);
      const squares = new Float64Array(c);
      // Distances from each channel's first value: no cancellation when the mean is large against the deviation.
      const origin = Float64Array.from(values.subarray(0, c));
      for (let p = 0; p < values.length; p += c)
        for (let k = 0; k < c; k++) {
          const v = values[p + k]! - origin[k]!;
          sum[k]! += v;
          squares[k]! += v * v;
        }
      const m = heap.f32(mean);
      const s = heap.f32(variance);
      const u = heap.f32(unbiased);
      const scale = new Float64Array(c);
      const shift = new Float64Array(c);
      const g = heap.f32(gamma);
      const b = heap.f32(beta);
      for (let k = 0; k < c; k++) {
        const centre = sum[k]! / count;
        const spread = Math.max(0, squares[k]! / count - centre * centre);
        m[k] = origin[k]! + centre;
        s[k] = spread;
        u[k] = (spread * count) / (count - 1);
        scale[k] = g[k]! / Math.sqrt(spread + epsilon);
        shift[k] = b[k]! - (origin[k]! + centre) * scale[k]!;
      }
      affine(values, scale, shift, heap.f32(y));
      return { y, mean, variance: unbiased, saved: [mean, variance] };
    },

    normFrozen(x, gamma, beta, mean, variance, epsilon) {
      const y = heap.alloc<Tensor4D>(x.shape);
      const { scale } = inverse(heap, gamma, variance, epsilon);
      const m = heap.f32(mean);
      const b = heap.f32(beta);
      const shift = scale.map((s, k) => b[k]! - m[k]! * s);
      affine(heap.f32(x), scale, shift, heap.f32(y));
      return y;
    },

    normTrainGrad(dy, x, gamma, saved, epsilon) {
      const [mean, variance] = saved as [Tensor1D, Tensor1D];
      const out = gradients(heap, dy, x, gamma, mean, variance, epsilon);
      const dx = heap.alloc<Tensor4D>(x.shape);
      const { scale, inv } = inverse(heap, gamma, variance, epsilon);
      const m = heap.f32(mean);
      const count = x.size / scale.length;
      // dx = scale * (dy - mean(dy) - xhat * mean(dy * xhat)), written as fromDy * dy + fromX * x + constant.
      const fromX = scale.map((s, k) => (-s * inv[k]! * out.dyXhat[k]!) / count);
      const constant = scale.map((s, k) => (-s * out.dySum[k]!) / count - fromX[k]! * m[k]!);
      const to = heap.f32(dx);
      const gradient = heap.f32(dy);
      const values = heap.f32(x);
      const c = scale.length;
      for (let p = 0; p < to.length; p += c)
        for (let k = 0; k < c; k++)
          to[p + k] = scale[k]! * gradient[p + k]! + fromX[k]! * values[p + k]! + constant[k]!;
      return { x: dx, gamma: out.gamma, beta: out.beta };
    },

    normFrozenGrad(dy, x, gamma, mean, variance, epsilon) {
      const out = gradients(heap, dy, x, gamma, mean, variance, epsilon);
      const dx = heap.alloc<Tensor4D>(x.shape);
      const { scale } = inverse(heap, gamma, variance, epsilon);
      affine(heap.f32(dy), scale, new Float64Array(scale.length), heap.f32(dx));
      return { x: dx, gamma: out.gamma, beta: out.beta };
    },
  };
}

function affine(from: Float32Array, scale: Float64Array, shift: Float64Array, to: Float32Array): void {
  const c = scale.length;
  for (let p = 0; p < from.length; p += c)
    for (let k = 0; k < c; k++) to[p + k] = from[p + k]! * scale[k]! + shift[k]!;
}

function inverse(heap: WasmHeap, gamma: Tensor, variance: Tensor, epsilon: number) {
  const g = heap.f32(gamma);
  const inv = Float64Array.from(heap.f32(variance), (v) => 1 / Math.sqrt(v + epsilon));
  return { inv, scale: inv.map((v, k) => v * g[k]!) };
}

/** Sums over N, H, W of dy and of dy * xhat, which are the gradients of beta and gamma. */
function gradients(
  heap: WasmHeap,
  dy: Tensor4D,
  x: Tensor4D,
  gamma: Tensor1D,
  mean: Tensor1D,
  variance: Tensor1D,
  epsilon: number,
) {
  const c = x.shape[3];
  const dGamma = heap.alloc<Tensor1D>([c]);
  const dBeta = heap.alloc<Tensor1D>([c]);
  const gradient = heap.f32(dy);
  const values = heap.f32(x);
  const m = Float64Array.from(heap.f32(mean));
  const dySum = new Float64Array(c);
  const dyXhat = new Float64Array(c);
  for (let p = 0; p < values.length; p += c)
    for (let k = 0; k < c; k++) {
      const d = gradient[p + k]!;
      dySum[k]! += d;
      dyXhat[k]! += d * (values[p + k]! - m[k]!);
    }
  const { inv } = inverse(heap, gamma, variance, epsilon);
  for (let k = 0; k < c; k++) dyXhat[k]! *= inv[k]!;
  heap.f32(dGamma).set(dyXhat);
  heap.f32(dBeta).set(dySum);
  return { gamma: dGamma, beta: dBeta, dySum, dyXhat };
}
