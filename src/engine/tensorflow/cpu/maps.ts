import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels, PaddedPool } from '../../ops/kernels';
import type { RawOperations } from '../raw';

/** Pools and resizing on the memory itself, without padded copies and without the zeros of dense matrices. */
export function cpuMaps(raw: RawOperations): Pick<Kernels, 'paddedMaxPool' | 'alongAxis'> {
  const { binding } = raw;
  const numbers = (x: Tensor4D, { size, stride, padding, outHeight, outWidth }: PaddedPool) => [
    ...x.shape,
    size,
    stride,
    padding,
    outHeight,
    outWidth,
  ];
  return {
    paddedMaxPool: {
      pool(x, pool) {
        const [n, , , c] = x.shape;
        const id = binding.maxPool(raw.ids([x])[0]!, ...numbers(x, pool));
        return raw.made<Tensor4D>(id, [n, pool.outHeight, pool.outWidth, c]);
      },
      grad(dy, x, y, pool) {
        const [a, b, c] = raw.ids([dy, x, y]) as [number, number, number];
        return raw.made<Tensor4D>(binding.maxPoolGrad(a, b, c, ...numbers(x, pool)), x.shape);
      },
    },

    alongAxis(x, axis, { rows, columns, start, index, weight }) {
      const [n, h, w, c] = x.shape;
      const shape = axis === 1 ? [n, rows, w, c] : [n, h, rows, c];
      const [outer, length] = axis === 1 ? [n, w * c] : [n * h, c];
      const [id] = raw.ids([x]) as [number];
      return raw.made<Tensor4D>(
        binding.alongAxis(id, outer, columns, rows, length, start, index, weight, shape),
        shape,
      );
    },
  };
}
