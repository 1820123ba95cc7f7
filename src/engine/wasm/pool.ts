import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';
import type { SimdKernels } from './simd';

type PoolKernels = Pick<Kernels, 'maxPool' | 'maxPoolGrad' | 'alongAxis'>;

export function wasmPool(tf: Tf, heap: WasmHeap, simd: SimdKernels): PoolKernels {
  return {
    maxPool: (x, { size, stride }) => tf.maxPool(x, size, stride, 'valid'),

    maxPoolGrad(dy, x, y, { size, stride }) {
      const [n, h, w, c] = x.shape;
      const [, oh, ow] = y.shape;
      const out = heap.alloc<Tensor4D>(x.shape);
      const to = heap.f32(out);
      const from = heap.f32(x);
      const top = heap.f32(y);
      const gradient = heap.f32(dy);
      to.fill(0);
      for (let b = 0; b < n; b++)
        for (let oy = 0; oy < oh; oy++)
          for (let ox = 0; ox < ow; ox++) {
            const corner = ((b * h + oy * stride) * w + ox * stride) * c;
            const o = ((b * oh + oy) * ow + ox) * c;
            for (let k = 0; k < c; k++) {
              const largest = top[o + k]!;
              let at = -1;
              for (let i = 0; i < size && at < 0; i++)
                for (let j = 0, p = corner + i * w * c + k; j < size; j++, p += c)
                  if (from[p] === largest) {
                    at = p;
                    break;
                  }
              // Nothing equals a NaN: the gradient is lost there, as the loss already is.
              if (at >= 0) to[at]! += gradient[o + k]!;
            }
          }
      return out;
    },

    alongAxis(x, axis, matrix) {
      const [n, h, w, c] = x.shape;
      const out = heap.alloc<Tensor4D>(axis === 1 ? [n, matrix.rows, w, c] : [n, h, matrix.rows, c]);
      const outer = axis === 1 ? n : n * h;
      const inner = axis === 1 ? w * c : c;
      const parts = [
        tf.tensor1d(matrix.start, 'int32'),
        tf.tensor1d(matrix.index, 'int32'),
        tf.tensor1d(matrix.weight),
      ];
      const [start, index, weight] = parts.map((t) => heap.pointer(t)) as [number, number, number];
      const { rows, columns } = matrix;
      simd.alongAxis(heap.pointer(x), heap.pointer(out), start, index, weight, outer, rows, columns, inner);
      tf.dispose(parts);
      return out;
    },
  };
}
