import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels, Shape4 } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import { DEPTH, GEMM_PARAMS, type GemmTile, gemmText, planGemm } from './gemm';
import { flatMain, type Gpu, type Shader } from './gpu';
import { sumParts } from './sum-parts';

type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/**
 * All three as matrix products; the backend's own filter gradient has one thread per weight, which adds up all pixels.
 * @param plan how products are cut into tiles and parts
 */
export function webgpuConv(gpu: Gpu, plan = planGemm): ConvKernels {
  const product = productOf(gpu, plan);
  return {
    conv(x, filter, g) {
      const [kh, kw, , cout] = filter.shape;
      const length = (input: number, kernel: number) =>
        Math.floor((input + 2 * g.padding - (kernel - 1) * g.dilation - 1) / g.stride) + 1;
      const shape: Shape4 = [x.shape[0], length(x.shape[1], kh), length(x.shape[2], kw), cout];
      return gathered(product, 'forward', x, filter, shape, g);
    },

    convInputGrad(dy, filter, inputShape, g) {
      const swapped = swapChannels(gpu, filter);
      const dx = gathered(product, 'backward', dy, swapped, inputShape, g);
      swapped.dispose();
      return dx;
    },

    convFilterGrad(x, dy, filterShape, g) {
      const [n, h, w, cin] = x.shape;
      const [, oh, ow, cout] = dy.shape;
      const [kh, kw] = filterShape;
      return product(
        { rows: kh * kw * cin, columns: cout, depth: n * oh * ow },
        filterShape,
        (tile) => filterGradShader(tile, cin % 4 === 0, cout % 4 === 0),
        [x, dy],
        [h, w, oh, ow, cin, kw, g.stride, g.dilation, g.padding],
      );
    },
  };
}

type Product = (
  size: { rows: number; columns: number; depth: number },
  shape: number[],
  shader: (tile: GemmTile) => Shader,
  inputs: Tensor[],
  params: number[],
) => Tensor4D;

/** Runs products, in parts where they have few tiles, and adds these. */
function productOf(gpu: Gpu, plan: typeof planGemm): Product {
  return ({ rows, columns, depth }, shape, shader, inputs, params) => {
    const { tile, parts, share, workgroups } = plan(rows, columns, depth);
    const call = { inputs, params: [rows, columns, depth, share, ...params], workgroups };
    if (parts === 1) {
      const out = gpu.alloc<Tensor4D>(shape);
      gpu.run(shader(tile), { ...call, outputs: [out] });
      return out;
    }
    const partial = gpu.alloc<Tensor>([parts, rows * columns]);
    gpu.run(shader(tile), { ...call, outputs: [partial] });
    const out = sumParts<Tensor4D>(gpu, partial, shape);
    partial.dispose();
    return out;
  };
}

/**
 * The product whose rows are the pixels of `shape` and whose depth are the taps' channels: `forward` reads the image
 * where a convolution looks, `backward` reads the output gradient at the outputs that looked at a pixel.
 */
function gathered(
  product: Product,
  direction: Direction,
  image: Tensor4D,
  filter: Tensor4D,
  shape: Shape4,
  g: ConvGeometry,
): Tensor4D {
  const [n, oh, ow, to] = shape;
  const [, h, w, from] = image.shape;
  const [kh, kw] = filter.shape;
  return product(
    { rows: n * oh * ow, columns: to, depth: kh * kw * from },
    shape,
    (tile) => gatherShader(direction, tile, from % 4 === 0, to % 4 === 0, g.stride > 1),
    [image, filter],
    [h, w, oh, ow, from, kw, g.stride, g.dilation, g.padding],
  );
}

type Direction = 'forward' | 'backward';

/** `h`, `w`, `channels`: of the image that is read; `oh`, `ow`: of the output, or of the result of `backward`. */
const PARAMS = {
  ...GEMM_PARAMS,
  h: 'u32',
  w: 'u32',
  oh: 'u32',
  ow: 'u32',
  channels: 'u32',
  kw: 'u32',
  stride: 'i32',
  dilation: 'i32',
  padding: 'i32',
} as const;

/** Rows and columns that look here see nothing; far enough for every tap, near enough for sums not to overflow. */
const OUTSIDE = -1000000000;

function shaderOf(
  name: string,
  tile: GemmTile,
  { wide, wideColumns }: { wide: boolean; wideColumns: boolean },
  code: () => string,
): Shader {
  return {
    name: `${name} ${tile.rows}x${tile.columns} ${wide ? 4 : 1} ${wideColumns ? 4 : 1}`,
    inputs: { a: wide ? 'vec4f' : 'f32', b: wideColumns ? 'vec4f' : 'f32' },
    outputs: { result: wideColumns ? 'vec4f' : 'f32' },
    params: PARAMS,
    code,
  };
}

function gatherShader(
  direction: Direction,
  tile: GemmTile,
  wide: boolean,
  wideColumns: boolean,
  strided: boolean,
): Shader {
  const origin =
    direction === 'forward'
      ? 'vec3i(image, y * p.stride - p.padding, x * p.stride - p.padding)'
      : 'vec3i(image, y + p.padding, x + p.padding)';
  const place =
    direction === 'forward'
      ? 'let at = origin.yz + at_.tap * p.dilation;'
      : `let ahead = origin.yz - at_.tap * p.dilation;
  if (any(ahead < vec2i())) { return NOWHERE; }
  ${strided ? 'if (any(ahead % p.stride != vec2i())) { return NOWHERE; }\n  let at = ahead / p.stride;' : 'let at = ahead;'}`;
  return shaderOf(`convolution ${direction}${strided ? ' strided' : ''}`, tile, { wide, wideColumns }, () =>
    gemmText(tile, {
      vectors: 'depth',
      wideColumns,
      declarations: `
const NOWHERE = 0xffffffffu;

/** Image, and row and column of the first tap's value, for a pixel of the result. */
fn originOf(row: u32) -> vec3i {
  if (row >= p.rows) { return vec3i(0, ${OUTSIDE}, 0); }
  let image = i32(row / (p.oh * p.ow));
  let y = i32(row / p.ow % p.oh);
  let x = i32(row % p.ow);
  return ${origin};
}

struct Depth { k: u32, tap: vec2i, channel: u32 };

fn depthAt(k: u32) -> Depth {
  let tap = k / p.channels;
  return Depth(k, vec2i(i32(tap / p.kw), i32(tap % p.kw)), k % p.channels);
}

fn advance(before: Depth) -> Depth {
  var d = before;
  d.k += ${DEPTH}u;
  d.channel += ${DEPTH}u;
  while (d.channel >= p.channels) {
    d.channel -= p.channels;
    d.tap.y++;
    if (d.tap.y == i32(p.kw)) { d.tap = vec2i(d.tap.x + 1, 0); }
  }
  return d;
}

fn place(origin: vec3i, at_: Depth, end: u32) -> u32 {
  if (at_.k >= end) { return NOWHERE; }
  ${place}
  if (u32(at.x) >= p.h || u32(at.y) >= p.w) { return NOWHERE; }
  return ((u32(origin.x) * p.h + u32(at.x)) * p.w + u32(at.y)) * p.channels + at_.channel;
}

${loadFunction(wide, 'origin: vec3i, d: Depth, end: u32', (j) => `place(origin, ${wide ? 'd' : `depthAt(d.k + ${j}u)`}, end)`)}`,
      prepare: (i, row, depth) => `let origin${i} = originOf(${row});\nvar depth${i} = depthAt(${depth});`,
      load: (i) => `loadA(origin${i}, depth${i}, end)`,
      // Where values are loaded one by one they find their places by themselves.
      advance: (i) => (wide ? `depth${i} = advance(depth${i});` : `depth${i}.k += ${DEPTH}u;`),
    }),
  );
}

/** Rows: taps and input channels; depth: the pixels of the output. */
function filterGradShader(tile: GemmTile, wide: boolean, wideColumns: boolean): Shader {
  const components = wide ? [0] : [0, 1, 2, 3];
  const names = components.map((j) => `tap${j}`);
  return shaderOf('convolution filter gradient', tile, { wide, wideColumns }, () =>
    gemmText(tile, {
      vectors: 'rows',
      wideColumns,
      declarations: `
const NOWHERE = 0xffffffffu;

/** Row and column of a tap, and channel. */
fn tapOf(row: u32) -> vec3i {
  if (row >= p.rows) { return vec3i(${OUTSIDE}, 0, 0); }
  let tap = row / p.channels;
  let at = vec2i(i32(tap / p.kw), i32(tap % p.kw)) * p.dilation - p.padding;
  return vec3i(at, i32(row % p.channels));
}

struct Pixel { k: u32, image: u32, y: u32, x: u32 };

fn pixelAt(k: u32) -> Pixel {
  return Pixel(k, k / (p.oh * p.ow), k / p.ow % p.oh, k % p.ow);
}

fn advance(before: Pixel) -> Pixel {
  var d = before;
  d.k += ${DEPTH}u;
  d.x += ${DEPTH}u;
  while (d.x >= p.ow) {
    d.x -= p.ow;
    d.y++;
    if (d.y == p.oh) { d.y = 0u; d.image++; }
  }
  return d;
}

fn place(tap: vec3i, pixel: Pixel, end: u32) -> u32 {
  let y = i32(pixel.y) * p.stride + tap.x;
  let x = i32(pixel.x) * p.stride + tap.y;
  if (pixel.k >= end || u32(y) >= p.h || u32(x) >= p.w) { return NOWHERE; }
  return ((pixel.image * p.h + u32(y)) * p.w + u32(x)) * p.channels + u32(tap.z);
}

${loadFunction(wide, `${names.map((name) => `${name}: vec3i, `).join('')}pixel: Pixel, end: u32`, (j) => `place(tap${wide ? 0 : j}, pixel, end)`)}`,
      prepare: (i, row, depth) =>
        [
          ...components.map((j) => `let tap${i}_${j} = tapOf(${row} + ${j}u);`),
          `var pixel${i} = pixelAt(${depth});`,
        ].join('\n'),
      load: (i) => `loadA(${components.map((j) => `tap${i}_${j}, `).join('')}pixel${i}, end)`,
      advance: (i) => `pixel${i} = advance(pixel${i});`,
    }),
  );
}

/** `loadA`: four values of the image at once where that is possible, else one by one; 0 where there is nothing. */
function loadFunction(wide: boolean, params: string, place: (component: number) => string): string {
  if (wide)
    return `fn loadA(${params}) -> vec4f {
  let at = ${place(0)};
  if (at == NOWHERE) { return vec4f(); }
  return a[at / 4u];
}`;
  return `fn valueAt(at: u32) -> f32 {
  if (at == NOWHERE) { return 0.0; }
  return a[at];
}

fn loadA(${params}) -> vec4f {
  return vec4f(${[0, 1, 2, 3].map((j) => `valueAt(${place(j)})`).join(', ')});
}`;
}

/** [kh,kw,Cin,Cout] -> [kh,kw,Cout,Cin]. */
function swapChannels(gpu: Gpu, filter: Tensor4D): Tensor4D {
  const [kh, kw, cin, cout] = filter.shape;
  const out = gpu.alloc<Tensor4D>([kh, kw, cout, cin]);
  gpu.runFlat(swapShader, filter.size, {
    inputs: [filter],
    outputs: [out],
    params: [filter.size, cin, cout],
  });
  return out;
}

const swapShader: Shader = {
  name: 'swap channels',
  inputs: { x: 'f32' },
  outputs: { result: 'f32' },
  params: { size: 'u32', cin: 'u32', cout: 'u32' },
  code: () =>
    flatMain(
      'p.size',
      `  let ci = i % p.cin;
  let co = i / p.cin % p.cout;
  let tap = i / (p.cin * p.cout);
  result[i] = x[(tap * p.cin + ci) * p.cout + co];`,
    ),
};
