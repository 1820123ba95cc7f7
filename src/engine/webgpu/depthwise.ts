import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import { flatMain, type Gpu, type Shader } from './gpu';
import { sumParts } from './sum-parts';

type DepthwiseKernels = Pick<Kernels, 'depthwise' | 'depthwiseInputGrad' | 'depthwiseFilterGrad'>;

/** Threads of the filter gradient: neighbouring channels side by side, times pixels. */
const CHANNELS = 64;
const LANES = 4;
const PIXELS = 256;
const MOST_PARTS = 64;

export function webgpuDepthwise(gpu: Gpu): DepthwiseKernels {
  const numbers = (
    x: readonly number[],
    y: readonly number[],
    filter: readonly number[],
    g: ConvGeometry,
  ) => {
    const [, h, w, c] = x as Tensor4D['shape'];
    return [h, w, c, y[1]!, y[2]!, filter[0]!, filter[1]!, g.stride, g.dilation, g.padding];
  };

  return {
    depthwise(x, filter, g) {
      const [n, h, w, c] = x.shape;
      const length = (input: number, kernel: number) =>
        Math.floor((input + 2 * g.padding - (kernel - 1) * g.dilation - 1) / g.stride) + 1;
      const out = gpu.alloc<Tensor4D>([n, length(h, filter.shape[0]), length(w, filter.shape[1]), c]);
      gpu.runFlat(forward, out.size, {
        inputs: [x, filter],
        outputs: [out],
        params: [out.size, ...numbers(x.shape, out.shape, filter.shape, g)],
      });
      return out;
    },

    depthwiseInputGrad(dy, filter, inputShape, g) {
      const out = gpu.alloc<Tensor4D>(inputShape);
      gpu.runFlat(inputGrad, out.size, {
        inputs: [dy, filter],
        outputs: [out],
        params: [out.size, ...numbers(inputShape, dy.shape, filter.shape, g)],
      });
      return out;
    },

    depthwiseFilterGrad(x, dy, filterShape, g) {
      const [kh, kw, c] = filterShape;
      const pixels = dy.size / c;
      const share = Math.ceil(pixels / Math.min(MOST_PARTS, Math.ceil(pixels / PIXELS)));
      const parts = Math.ceil(pixels / share);
      const partial = gpu.alloc([parts, kh * kw * c]);
      gpu.run(filterGrad, {
        inputs: [x, dy],
        outputs: [partial],
        params: [pixels, ...numbers(x.shape, dy.shape, filterShape, g), share],
        workgroups: [Math.ceil(c / CHANNELS), kh * kw, parts],
      });
      const out = sumParts<Tensor4D>(gpu, partial, filterShape);
      partial.dispose();
      return out;
    },
  };
}

const PARAMS = {
  count: 'u32',
  h: 'u32',
  w: 'u32',
  c: 'u32',
  oh: 'u32',
  ow: 'u32',
  kh: 'i32',
  kw: 'i32',
  stride: 'i32',
  dilation: 'i32',
  padding: 'i32',
} as const;

const forward: Shader = {
  name: 'depthwise convolution',
  inputs: { x: 'f32', filter_: 'f32' },
  outputs: { result: 'f32' },
  params: PARAMS,
  code: () =>
    flatMain(
      'p.count',
      `  let c = i % p.c;
  let column = i32(i / p.c % p.ow) * p.stride - p.padding;
  let row = i32(i / (p.c * p.ow) % p.oh) * p.stride - p.padding;
  let image = i / (p.c * p.ow * p.oh);
  var sum = 0.0;
  for (var ky = 0; ky < p.kh; ky++) {
    let y = u32(row + ky * p.dilation);
    if (y >= p.h) { continue; }
    for (var kx = 0; kx < p.kw; kx++) {
      let x_ = u32(column + kx * p.dilation);
      if (x_ >= p.w) { continue; }
      sum += x[((image * p.h + y) * p.w + x_) * p.c + c] * filter_[u32(ky * p.kw + kx) * p.c + c];
    }
  }
  result[i] = sum;`,
    ),
};

const inputGrad: Shader = {
  name: 'depthwise input gradient',
  inputs: { dy: 'f32', filter_: 'f32' },
  outputs: { result: 'f32' },
  params: PARAMS,
  code: () =>
    flatMain(
      'p.count',
      `  let c = i % p.c;
  let column = i32(i / p.c % p.w) + p.padding;
  let row = i32(i / (p.c * p.w) % p.h) + p.padding;
  let image = i / (p.c * p.w * p.h);
  var sum = 0.0;
  for (var ky = 0; ky < p.kh; ky++) {
    let ys = row - ky * p.dilation;
    if (ys < 0 || ys % p.stride != 0 || u32(ys / p.stride) >= p.oh) { continue; }
    for (var kx = 0; kx < p.kw; kx++) {
      let xs = column - kx * p.dilation;
      if (xs < 0 || xs % p.stride != 0 || u32(xs / p.stride) >= p.ow) { continue; }
      let at = ((image * p.oh + u32(ys / p.stride)) * p.ow + u32(xs / p.stride)) * p.c + c;
      sum += dy[at] * filter_[u32(ky * p.kw + kx) * p.c + c];
    }
  }
  result[i] = sum;`,
    ),
};

const filterGrad: Shader = {
  name: 'depthwise filter gradient',
  inputs: { x: 'f32', dy: 'f32' },
  outputs: { partial: 'f32' },
  params: { ...PARAMS, share: 'u32' },
  code: () => `
var<workgroup> shared_: array<f32, ${CHANNELS * LANES}>;

@compute @workgroup_size(${CHANNELS * LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let c = group.x * ${CHANNELS}u + t % ${CHANNELS}u;
  let lane = t / ${CHANNELS}u;
  let tapY = i32(group.y) / p.kw * p.dilation - p.padding;
  let tapX = i32(group.y) % p.kw * p.dilation - p.padding;
  let begin = group.z * p.share;
  let end = min(begin + p.share, p.count);
  var sum = 0.0;
  if (c < p.c) {
    for (var pixel = begin + lane; pixel < end; pixel += ${LANES}u) {
      let y = u32(i32(pixel / p.ow % p.oh) * p.stride + tapY);
      let x_ = u32(i32(pixel % p.ow) * p.stride + tapX);
      if (y >= p.h || x_ >= p.w) { continue; }
      sum += x[((pixel / (p.ow * p.oh) * p.h + y) * p.w + x_) * p.c + c] * dy[pixel * p.c + c];
    }
  }
  shared_[t] = sum;
  workgroupBarrier();
  if (lane > 0u || c >= p.c) { return; }
  for (var l = 1u; l < ${LANES}u; l++) { sum += shared_[t + l * ${CHANNELS}u]; }
  partial[(group.z * u32(p.kh * p.kw) + group.y) * p.c + c] = sum;
}`,
};
