import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels, Shape4 } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import type { WasmHeap } from './heap';

type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/** Largest temporary of a filter gradient, in floats (64 MiB): above it the taps are done in groups. */
const UNFOLD_LIMIT = 16 * 1024 * 1024;

/**
 * The backend has a fast forward convolution and a fast matrix product, and packs a product's right operand slowly.
 * Input gradient: a forward convolution of the zero-interleaved output gradient with the turned filter. Filter gradient:
 * (unfolded input, channels first) x (output gradient), so that only the small right operand is packed.
 */
export function wasmConv(tf: Tf, heap: WasmHeap): ConvKernels {
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
      const [kh, kw, cin, cout] = filterShape;
      const [n, oh, ow] = dy.shape;
      const positions = n * oh * ow;
      const right = tf.reshape(dy, [positions, cout]);
      const group = Math.max(1, Math.floor(UNFOLD_LIMIT / (positions * cin)));
      const parts: Tensor2D[] = [];
      for (let tap = 0; tap < kh * kw; tap += group) {
        const unfolded = unfold(heap, x, tap, Math.min(tap + group, kh * kw), kw, oh, ow, g);
        parts.push(tf.matMul(unfolded, right) as Tensor2D);
        unfolded.dispose();
      }
      const all = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
      return tf.reshape(all, filterShape);
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

/**
 * What taps `first` to `last` - 1 of the filter see, channels first: [(last-first)*C, N*oh*ow], row (tap, c) holding
 * x[n, oy*stride + ky*dilation - padding, ox*stride + kx*dilation - padding, c] at every output position.
 */
function unfold(
  heap: WasmHeap,
  x: Tensor4D,
  first: number,
  last: number,
  kw: number,
  oh: number,
  ow: number,
  g: ConvGeometry,
): Tensor2D {
  const [n, h, w, c] = x.shape;
  const positions = n * oh * ow;
  const out = heap.alloc<Tensor2D>([(last - first) * c, positions]);
  const from = heap.f32(x);
  const to = heap.f32(out);
  const step = g.stride * c;
  for (let tap = first; tap < last; tap++) {
    const dyOffset = Math.floor(tap / kw) * g.dilation - g.padding;
    const dxOffset = (tap % kw) * g.dilation - g.padding;
    // Output columns whose source column lies inside the image.
    const begin = Math.min(ow, Math.max(0, Math.ceil(-dxOffset / g.stride)));
    const end = Math.max(begin, Math.min(ow, Math.floor((w - 1 - dxOffset) / g.stride) + 1));
    const tapRow = (tap - first) * c * positions;
    for (let b = 0; b < n; b++)
      for (let oy = 0; oy < oh; oy++) {
        const iy = oy * g.stride + dyOffset;
        const position = tapRow + (b * oh + oy) * ow;
        const visible = iy >= 0 && iy < h;
        const source = ((b * h + iy) * w + begin * g.stride + dxOffset) * c;
        for (let k = 0; k < c; k++) {
          const row = position + k * positions;
          if (!visible || end === begin) {
            to.fill(0, row, row + ow);
            continue;
          }
          for (let i = 0; i < begin; i++) to[row + i] = 0;
          let s = source + k;
          for (let i = begin; i < end; i++) {
            to[row + i] = from[s]!;
            s += step;
          }
          for (let i = end; i < ow; i++) to[row + i] = 0;
        }
      }
  }
  return out;
}
