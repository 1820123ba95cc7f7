import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import type { WasmHeap } from './heap';

type DepthwiseKernels = Pick<Kernels, 'depthwise' | 'depthwiseInputGrad' | 'depthwiseFilterGrad'>;

export function wasmDepthwise(tf: Tf, heap: WasmHeap): DepthwiseKernels {
  return {
    depthwise: (x, filter, g) =>
      tf.engine().runKernel(
        'DepthwiseConv2dNative',
        { x, filter },
        {
          strides: [g.stride, g.stride],
          pad: [
            [0, 0],
            [g.padding, g.padding],
            [g.padding, g.padding],
            [0, 0],
          ],
          dataFormat: 'NHWC',
          dilations: [g.dilation, g.dilation],
        },
      ) as Tensor4D,

    depthwiseInputGrad(dy, filter, inputShape, g) {
      const out = heap.alloc<Tensor4D>(inputShape);
      const gradient = heap.f32(dy);
      const weights = heap.f32(filter);
      const to = heap.f32(out);
      to.fill(0);
      const c = inputShape[3];
      forEachTap(inputShape, dy.shape, filter.shape, g, (x, y, tap) => {
        for (let k = 0; k < c; k++) to[x + k]! += gradient[y + k]! * weights[tap + k]!;
      });
      return out;
    },

    depthwiseFilterGrad(x, dy, filterShape, g) {
      const out = heap.alloc<Tensor4D>(filterShape);
      const input = heap.f32(x);
      const gradient = heap.f32(dy);
      const c = filterShape[2];
      const sums = new Float64Array(filterShape[0] * filterShape[1] * c);
      forEachTap(x.shape, dy.shape, filterShape, g, (xi, yi, tap) => {
        for (let k = 0; k < c; k++) sums[tap + k]! += input[xi + k]! * gradient[yi + k]!;
      });
      heap.f32(out).set(sums);
      return out;
    },
  };
}

/** Calls `visit` with the first channel's position in input, output and filter, for every tap that sees the input. */
function forEachTap(
  [n, h, w, c]: number[] & Tensor4D['shape'],
  [, oh, ow]: Tensor4D['shape'],
  [kh, kw]: Tensor4D['shape'],
  g: ConvGeometry,
  visit: (x: number, y: number, tap: number) => void,
): void {
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < oh; oy++)
      for (let ky = 0; ky < kh; ky++) {
        const iy = oy * g.stride + ky * g.dilation - g.padding;
        if (iy < 0 || iy >= h) continue;
        for (let ox = 0; ox < ow; ox++)
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * g.stride + kx * g.dilation - g.padding;
            if (ix < 0 || ix >= w) continue;
            visit(((b * h + iy) * w + ix) * c, ((b * oh + oy) * ow + ox) * c, (ky * kw + kx) * c);
          }
      }
}
