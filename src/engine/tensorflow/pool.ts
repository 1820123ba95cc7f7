import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { AxisMatrix } from '../ops/axis-matrix';
import type { Kernels } from '../ops/kernels';
import type { RawOperations } from './raw';

type PoolKernels = Pick<Kernels, 'maxPool' | 'maxPoolGrad' | 'alongAxis'>;

export function tensorflowPool(tf: Tf, raw: RawOperations): PoolKernels {
  return {
    maxPool: (x, { size, stride }) => tf.maxPool(x, size, stride, 'valid'),

    maxPoolGrad: (dy, x, y, { size, stride }) =>
      raw.run('MaxPoolGrad', [x, y, dy], {
        ksize: [1, size, size, 1],
        strides: [1, stride, stride, 1],
        padding: 'VALID',
        data_format: 'NHWC',
      }),

    // A matrix product, because TensorFlow's own resize gradient on GPUs adds in no fixed order.
    alongAxis: (x, axis, matrix) =>
      tf.tidy(() => {
        const [n, h, w, c] = x.shape;
        const flat = tf.reshape(x, axis === 1 ? [n, h, w * c] : [n * h, w, c]) as Tensor3D;
        const left = tf.tensor3d(dense(matrix), [1, matrix.rows, matrix.columns]);
        const product = raw.run('BatchMatMulV2', [left, flat], { adj_x: false, adj_y: false });
        return tf.reshape(product, axis === 1 ? [n, matrix.rows, w, c] : [n, h, matrix.rows, c]) as Tensor4D;
      }),
  };
}

const denseCache = new WeakMap<AxisMatrix, Float32Array>();

function dense(m: AxisMatrix): Float32Array {
  let values = denseCache.get(m);
  if (!values) {
    values = new Float32Array(m.rows * m.columns);
    for (let i = 0; i < m.rows; i++)
      for (let e = m.start[i]!; e < m.start[i + 1]!; e++) values[i * m.columns + m.index[e]!] = m.weight[e]!;
    denseCache.set(m, values);
  }
  return values;
}
