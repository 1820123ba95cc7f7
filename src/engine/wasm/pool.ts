import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';

type PoolKernels = Pick<Kernels, 'maxPool' | 'maxPoolGrad' | 'alongAxis'>;

export function wasmPool(tf: Tf, heap: WasmHeap, threads: Threads): PoolKernels {
  const perTask = threads.constant('PER_TASK');
  const poolChannels = threads.constant('POOL_CHANNELS');
  return {
    maxPool: (x, { size, stride }) => tf.maxPool(x, size, stride, 'valid'),

    maxPoolGrad(dy, x, y, { size, stride }) {
      const [n, ...inside] = x.shape;
      const out = heap.alloc<Tensor4D>(x.shape);
      threads.run(
        'maxPoolGrad',
        n * Math.ceil(x.shape[3] / poolChannels),
        ...[dy, x, y, out].map((t) => heap.pointer(t)),
        ...[...inside, y.shape[1], y.shape[2], size, stride],
      );
      return out;
    },

    alongAxis(x, axis, matrix) {
      const [n, h, w, c] = x.shape;
      const { rows, columns } = matrix;
      const out = heap.alloc<Tensor4D>(axis === 1 ? [n, rows, w, c] : [n, h, rows, c]);
      const outer = axis === 1 ? n : n * h;
      const inner = axis === 1 ? w * c : c;
      const parts = [
        tf.tensor1d(matrix.start, 'int32'),
        tf.tensor1d(matrix.index, 'int32'),
        tf.tensor1d(matrix.weight),
      ];
      const lines = Math.ceil(perTask / inner);
      threads.run(
        'alongAxis',
        Math.ceil((outer * rows) / lines),
        ...[x, out, ...parts].map((t) => heap.pointer(t)),
        ...[outer, rows, columns, inner, lines],
      );
      tf.dispose(parts);
      return out;
    },
  };
}
