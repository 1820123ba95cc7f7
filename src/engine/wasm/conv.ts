import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels, Shape4 } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import type { WasmHeap } from './heap';
import type { SimdKernels } from './simd';

type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/**
 * The backend has a fast forward convolution alone. Input gradient: a forward convolution of the zero-interleaved output
 * gradient with the turned filter. Filter gradient: a kernel of our own.
 */
export function wasmConv(tf: Tf, heap: WasmHeap, simd: SimdKernels): ConvKernels {
  return {
    conv: (x, filter, g) => convolve(tf, x, filter, g.stride, g.dilation, [g.padding, g.padding]),

    convInputGrad(dy, filter, inputShape, g) {
      const turned = turnFilter(heap, filter);
      const [kh, kw] = filter.shape;
      const lead = (k: number) => (k - 1) * g.dilation - g.padding;
      if (g.stride === 1 && kh === kw && lead(kh) >= 0)
        return convolve(tf, dy, turned, 1, g.dilation, [lead(kh), lead(kh)]);
      const spread = interleave(heap, dy, inputShape, kh, kw, g);
      return convolve(tf, spread, turned, 1, g.dilation, [0, 0]);
    },

    convFilterGrad(x, dy, filterShape, g) {
      const [n, h, w, cin] = x.shape;
      const [, oh, ow, cout] = dy.shape;
      const [kh, kw] = filterShape;
      const out = heap.alloc<Tensor4D>(filterShape);
      simd.convFilterGrad(
        ...[x, dy, out].map((t) => heap.pointer(t)),
        ...[n, h, w, cin, oh, ow, cout, kh, kw, g.stride, g.dilation, g.padding],
      );
      return out;
    },
  };
}

/** Forward convolution with equal padding on both sides; tf.conv2d refuses stride and dilation together. */
function convolve(
  tf: Tf,
  x: Tensor4D,
  filter: Tensor4D,
  stride: number,
  dilation: number,
  padding: [number, number],
): Tensor4D {
  return tf.engine().runKernel(
    'Conv2D',
    { x, filter },
    {
      strides: [stride, stride],
      pad: [[0, 0], padding, padding, [0, 0]],
      dataFormat: 'NHWC',
      dilations: [dilation, dilation],
    },
  ) as Tensor4D;
}

/** [kh,kw,Cin,Cout] -> both kernel axes reversed, channels swapped. */
function turnFilter(heap: WasmHeap, filter: Tensor4D): Tensor4D {
  const [kh, kw, cin, cout] = filter.shape;
  const out = heap.alloc<Tensor4D>([kh, kw, cout, cin]);
  const from = heap.f32(filter);
  const to = heap.f32(out);
  const taps = kh * kw;
  for (let tap = 0; tap < taps; tap++) {
    const source = tap * cin * cout;
    const target = (taps - 1 - tap) * cin * cout;
    for (let ci = 0; ci < cin; ci++)
      for (let co = 0; co < cout; co++) to[target + co * cin + ci] = from[source + ci * cout + co]!;
  }
  return out;
}

/**
 * dy with stride - 1 zeros between its values, laid out so that a valid convolution with the turned filter gives
 * exactly the input's size.
 */
function interleave(
  heap: WasmHeap,
  dy: Tensor4D,
  inputShape: Shape4,
  kh: number,
  kw: number,
  g: ConvGeometry,
): Tensor4D {
  const [n, oh, ow, c] = dy.shape;
  const height = inputShape[1] + (kh - 1) * g.dilation;
  const width = inputShape[2] + (kw - 1) * g.dilation;
  const top = (kh - 1) * g.dilation - g.padding;
  const left = (kw - 1) * g.dilation - g.padding;
  const out = heap.alloc<Tensor4D>([n, height, width, c]);
  const from = heap.f32(dy);
  const to = heap.f32(out);
  to.fill(0);
  for (let b = 0; b < n; b++)
    for (let y = 0; y < oh; y++) {
      const ty = top + y * g.stride;
      if (ty < 0 || ty >= height) continue;
      for (let x = 0; x < ow; x++) {
        const tx = left + x * g.stride;
        if (tx < 0 || tx >= width) continue;
        const source = ((b * oh + y) * ow + x) * c;
        const target = ((b * height + ty) * width + tx) * c;
        for (let k = 0; k < c; k++) to[target + k] = from[source + k]!;
      }
    }
  return out;
}
