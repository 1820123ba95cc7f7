import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { AxisMatrix } from '../ops/axis-matrix';
import type { Kernels } from '../ops/kernels';
import { flatMain, type Gpu, type Shader } from './gpu';

type PoolKernels = Pick<Kernels, 'maxPool' | 'maxPoolGrad' | 'alongAxis'>;

export function webgpuPool(gpu: Gpu): PoolKernels {
  /** A resize is asked for in every step, and its matrix stays the same. */
  const uploaded = new WeakMap<AxisMatrix, GPUBuffer[]>();
  const upload = (matrix: AxisMatrix): GPUBuffer[] => {
    let buffers = uploaded.get(matrix);
    if (!buffers) {
      buffers = [matrix.start, matrix.index, matrix.weight].map((values) => gpu.constant(values));
      uploaded.set(matrix, buffers);
    }
    return buffers;
  };

  return {
    maxPool(x, { size, stride }) {
      const [n, h, w, c] = x.shape;
      const [oh, ow] = [h, w].map((length) => Math.floor((length - size) / stride) + 1) as [number, number];
      const out = gpu.alloc<Tensor4D>([n, oh, ow, c]);
      gpu.runFlat(maxPoolShader, out.size, {
        inputs: [x],
        outputs: [out],
        params: [out.size, h, w, c, oh, ow, size, stride],
      });
      return out;
    },

    maxPoolGrad(dy, x, y, { size, stride }) {
      const [, h, w, c] = x.shape;
      const [, oh, ow] = y.shape;
      const out = gpu.alloc<Tensor4D>(x.shape);
      gpu.runFlat(maxPoolGradShader, x.size, {
        inputs: [dy, x, y],
        outputs: [out],
        params: [x.size, h, w, c, oh, ow, size, stride],
      });
      return out;
    },

    alongAxis(x, axis, matrix) {
      const [n, h, w, c] = x.shape;
      const { rows, columns } = matrix;
      const out = gpu.alloc<Tensor4D>(axis === 1 ? [n, rows, w, c] : [n, h, rows, c]);
      gpu.runFlat(alongAxisShader, out.size, {
        inputs: [x, ...upload(matrix)],
        outputs: [out],
        params: [out.size, rows, columns, axis === 1 ? w * c : c],
      });
      return out;
    },
  };
}

const POOL_PARAMS = {
  count: 'u32',
  h: 'u32',
  w: 'u32',
  c: 'u32',
  oh: 'u32',
  ow: 'u32',
  size: 'u32',
  stride: 'u32',
} as const;

const maxPoolShader: Shader = {
  name: 'max pool',
  inputs: { x: 'f32' },
  outputs: { result: 'f32' },
  params: POOL_PARAMS,
  code: () =>
    flatMain(
      'p.count',
      `  let column = i / p.c % p.ow;
  let row = i / (p.c * p.ow) % p.oh;
  let image = i / (p.c * p.ow * p.oh);
  let corner = ((image * p.h + row * p.stride) * p.w + column * p.stride) * p.c + i % p.c;
  var best = x[corner];
  for (var dy = 0u; dy < p.size; dy++) {
    for (var dx = 0u; dx < p.size; dx++) { best = max(best, x[corner + (dy * p.w + dx) * p.c]); }
  }
  result[i] = best;`,
    ),
};

/** Each value asks all windows that see it whether it is their first largest: nothing is added by two threads at once. */
const maxPoolGradShader: Shader = {
  name: 'max pool gradient',
  inputs: { dy: 'f32', x: 'f32', y: 'f32' },
  outputs: { result: 'f32' },
  params: POOL_PARAMS,
  code: () =>
    `
fn isFirst(corner: u32, offset: u32, value: f32) -> bool {
  for (var k = 0u; k < offset; k++) {
    if (x[corner + (k / p.size * p.w + k % p.size) * p.c] == value) { return false; }
  }
  return true;
}
` +
    flatMain(
      'p.count',
      `  let channel = i % p.c;
  let column = i / p.c % p.w;
  let row = i / (p.c * p.w) % p.h;
  let image = i / (p.c * p.w * p.h);
  let value = x[i];
  var sum = 0.0;
  let firstRow = select(0u, (row - p.size) / p.stride + 1u, row >= p.size);
  let firstColumn = select(0u, (column - p.size) / p.stride + 1u, column >= p.size);
  for (var oy = firstRow; oy < p.oh && oy * p.stride <= row; oy++) {
    for (var ox = firstColumn; ox < p.ow && ox * p.stride <= column; ox++) {
      let at = ((image * p.oh + oy) * p.ow + ox) * p.c + channel;
      if (y[at] != value) { continue; }
      let corner = ((image * p.h + oy * p.stride) * p.w + ox * p.stride) * p.c + channel;
      let offset = (row - oy * p.stride) * p.size + column - ox * p.stride;
      if (isFirst(corner, offset, value)) { sum += dy[at]; }
    }
  }
  result[i] = sum;`,
    ),
};

const alongAxisShader: Shader = {
  name: 'along axis',
  inputs: { x: 'f32', start: 'i32', index: 'i32', weight: 'f32' },
  outputs: { result: 'f32' },
  params: { count: 'u32', rows: 'u32', columns: 'u32', inner: 'u32' },
  code: () =>
    flatMain(
      'p.count',
      `  let inner = i % p.inner;
  let row = i / p.inner % p.rows;
  let outer = i / (p.inner * p.rows);
  var sum = 0.0;
  for (var e = start[row]; e < start[row + 1u]; e++) {
    sum += weight[e] * x[(outer * p.columns + u32(index[e])) * p.inner + inner];
  }
  result[i] = sum;`,
    ),
};
