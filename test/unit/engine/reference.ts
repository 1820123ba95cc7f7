/** Plain loops in double precision, written from the definitions: what every engine is measured against. */
import type { ConvGeometry } from '../../../src/engine/ops/ops';

export interface Dense {
  shape: number[];
  data: Float64Array;
}

export function dense(shape: number[]): Dense {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

const at4 = (s: number[], n: number, y: number, x: number, c: number) =>
  ((n * s[1]! + y) * s[2]! + x) * s[3]! + c;

function forEach4(s: number[], visit: (n: number, y: number, x: number, c: number, i: number) => void): void {
  let i = 0;
  for (let n = 0; n < s[0]!; n++)
    for (let y = 0; y < s[1]!; y++)
      for (let x = 0; x < s[2]!; x++) for (let c = 0; c < s[3]!; c++) visit(n, y, x, c, i++);
}

function convShape(x: Dense, filter: Dense, g: ConvGeometry, channels: number): number[] {
  const size = (n: number, k: number) =>
    Math.floor((n + 2 * g.padding - g.dilation * (k - 1) - 1) / g.stride) + 1;
  return [x.shape[0]!, size(x.shape[1]!, filter.shape[0]!), size(x.shape[2]!, filter.shape[1]!), channels];
}

function windowSum(
  x: Dense,
  filter: Dense,
  g: ConvGeometry,
  n: number,
  oy: number,
  ox: number,
  term: (ky: number, kx: number, iy: number, ix: number, n: number) => number,
): number {
  let sum = 0;
  for (let ky = 0; ky < filter.shape[0]!; ky++)
    for (let kx = 0; kx < filter.shape[1]!; kx++) {
      const iy = oy * g.stride + ky * g.dilation - g.padding;
      const ix = ox * g.stride + kx * g.dilation - g.padding;
      if (iy >= 0 && iy < x.shape[1]! && ix >= 0 && ix < x.shape[2]!) sum += term(ky, kx, iy, ix, n);
    }
  return sum;
}

export function conv2d(x: Dense, filter: Dense, g: ConvGeometry): Dense {
  const out = dense(convShape(x, filter, g, filter.shape[3]!));
  const [from, to] = [x.shape[3]!, filter.shape[3]!];
  forEach4(out.shape, (n, oy, ox, co, i) => {
    out.data[i] = windowSum(x, filter, g, n, oy, ox, (ky, kx, iy, ix) => {
      let sum = 0;
      // Differences of this take most of the time of the tests of an engine.
      const first = at4(x.shape, n, iy, ix, 0);
      let weight = at4(filter.shape, ky, kx, 0, co);
      for (let at = first; at < first + from; at++, weight += to) sum += x.data[at]! * filter.data[weight]!;
      return sum;
    });
  });
  return out;
}

export function depthwise(x: Dense, filter: Dense, g: ConvGeometry): Dense {
  const out = dense(convShape(x, filter, g, x.shape[3]!));
  forEach4(out.shape, (n, oy, ox, c, i) => {
    out.data[i] = windowSum(
      x,
      filter,
      g,
      n,
      oy,
      ox,
      (ky, kx, iy, ix) => x.data[at4(x.shape, n, iy, ix, c)]! * filter.data[at4(filter.shape, ky, kx, c, 0)]!,
    );
  });
  return out;
}

export function channelStatistics(x: Dense): { mean: Float64Array; variance: Float64Array; count: number } {
  const c = x.shape[3]!;
  const count = x.data.length / c;
  const mean = new Float64Array(c);
  const variance = new Float64Array(c);
  x.data.forEach((v, i) => {
    mean[i % c]! += v / count;
  });
  x.data.forEach((v, i) => {
    variance[i % c]! += (v - mean[i % c]!) ** 2 / count;
  });
  return { mean, variance, count };
}

export function normalise(
  x: Dense,
  gamma: Dense,
  beta: Dense,
  mean: Float64Array,
  variance: Float64Array,
  epsilon: number,
): Dense {
  const c = x.shape[3]!;
  return {
    shape: x.shape,
    data: x.data.map(
      (v, i) =>
        ((v - mean[i % c]!) / Math.sqrt(variance[i % c]! + epsilon)) * gamma.data[i % c]! + beta.data[i % c]!,
    ),
  };
}

/** torch.nn.MaxPool2d; output sizes as pooling_output_shape_pad_lr in aten/src/ATen/native/Pool.h. */
export function maxPool(x: Dense, size: number, stride: number, padding: number, ceil: boolean): Dense {
  const length = (n: number) => {
    let out = Math.floor((n + 2 * padding - size + (ceil ? stride - 1 : 0)) / stride) + 1;
    if (ceil && (out - 1) * stride >= n + padding) out--;
    return out;
  };
  const out = dense([x.shape[0]!, length(x.shape[1]!), length(x.shape[2]!), x.shape[3]!]);
  forEach4(out.shape, (n, oy, ox, c, i) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let y = oy * stride - padding; y < oy * stride - padding + size; y++)
      for (let xx = ox * stride - padding; xx < ox * stride - padding + size; xx++)
        if (y >= 0 && xx >= 0 && y < x.shape[1]! && xx < x.shape[2]!)
          best = Math.max(best, x.data[at4(x.shape, n, y, xx, c)]!);
    out.data[i] = best;
  });
  return out;
}

/** torch.nn.AvgPool2d with count_include_pad. */
export function avgPool(x: Dense, size: number, stride: number, padding: number): Dense {
  const length = (n: number) => Math.floor((n + 2 * padding - size) / stride) + 1;
  const out = dense([x.shape[0]!, length(x.shape[1]!), length(x.shape[2]!), x.shape[3]!]);
  forEach4(out.shape, (n, oy, ox, c, i) => {
    let sum = 0;
    for (let y = oy * stride - padding; y < oy * stride - padding + size; y++)
      for (let xx = ox * stride - padding; xx < ox * stride - padding + size; xx++)
        if (y >= 0 && xx >= 0 && y < x.shape[1]! && xx < x.shape[2]!)
          sum += x.data[at4(x.shape, n, y, xx, c)]!;
    out.data[i] = sum / size ** 2;
  });
  return out;
}

export function resizeNearest(x: Dense, [height, width]: [number, number]): Dense {
  const [n0, h, w, c0] = x.shape as [number, number, number, number];
  const out = dense([n0, height, width, c0]);
  forEach4(out.shape, (n, y, xx, c, i) => {
    out.data[i] = x.data[at4(x.shape, n, Math.floor((y * h) / height), Math.floor((xx * w) / width), c)]!;
  });
  return out;
}

/** Products of [N,P,K] and [N,K,Q]. */
export function batchedProduct(a: Dense, b: Dense): Dense {
  const [n0, p0, k0] = a.shape as [number, number, number];
  const q0 = b.shape[2]!;
  const out = dense([n0, p0, q0]);
  for (let n = 0; n < n0; n++)
    for (let p = 0; p < p0; p++)
      for (let q = 0; q < q0; q++)
        for (let k = 0; k < k0; k++)
          out.data[(n * p0 + p) * q0 + q]! += a.data[(n * p0 + p) * k0 + k]! * b.data[(n * k0 + k) * q0 + q]!;
  return out;
}

export function adaptiveAvgPool(x: Dense, bins: number): Dense {
  const [n0, h, w, c0] = x.shape as [number, number, number, number];
  const out = dense([n0, bins, bins, c0]);
  forEach4(out.shape, (n, by, bx, c, i) => {
    let sum = 0;
    let count = 0;
    for (let y = Math.floor((by * h) / bins); y < Math.ceil(((by + 1) * h) / bins); y++)
      for (let xx = Math.floor((bx * w) / bins); xx < Math.ceil(((bx + 1) * w) / bins); xx++) {
        sum += x.data[at4(x.shape, n, y, xx, c)]!;
        count++;
      }
    out.data[i] = sum / count;
  });
  return out;
}

export function resizeBilinear(x: Dense, [height, width]: [number, number], alignCorners: boolean): Dense {
  const [n0, h, w, c0] = x.shape as [number, number, number, number];
  const source = (i: number, input: number, output: number) => {
    if (alignCorners) return output === 1 ? 0 : (i * (input - 1)) / (output - 1);
    return Math.min(input - 1, Math.max(0, ((i + 0.5) * input) / output - 0.5));
  };
  const out = dense([n0, height, width, c0]);
  forEach4(out.shape, (n, oy, ox, c, i) => {
    const sy = source(oy, h, height);
    const sx = source(ox, w, width);
    let sum = 0;
    // Tent weights instead of the four neighbours: the same interpolation, told differently.
    for (let y = 0; y < h; y++)
      for (let xx = 0; xx < w; xx++)
        sum +=
          Math.max(0, 1 - Math.abs(sy - y)) *
          Math.max(0, 1 - Math.abs(sx - xx)) *
          x.data[at4(x.shape, n, y, xx, c)]!;
    out.data[i] = sum;
  });
  return out;
}

export function logSoftmax(x: Dense): Dense {
  const c = x.shape.at(-1)!;
  const out = dense(x.shape);
  for (let row = 0; row < x.data.length; row += c) {
    const z = x.data.subarray(row, row + c);
    const top = z.reduce((a, b) => Math.max(a, b));
    const sum = z.reduce((a, v) => a + Math.exp(v - top), 0);
    for (let i = 0; i < c; i++) out.data[row + i] = z[i]! - top - Math.log(sum);
  }
  return out;
}

export function crossEntropy(logits: Dense, labels: ArrayLike<number>): Dense {
  const c = logits.shape.at(-1)!;
  const logs = logSoftmax(logits);
  const out = dense(logits.shape.slice(0, -1));
  for (let i = 0; i < out.data.length; i++) {
    const label = labels[i]!;
    out.data[i] = label < 0 ? 0 : -logs.data[i * c + label]!;
  }
  return out;
}

export function klRows(student: Dense, teacher: Dense, temperature: number): Dense {
  const scaled = (d: Dense) => logSoftmax({ shape: d.shape, data: d.data.map((v) => v / temperature) }).data;
  const s = scaled(student);
  const t = scaled(teacher);
  const c = student.shape[1]!;
  const out = dense([student.shape[0]!]);
  t.forEach((v, i) => {
    out.data[Math.floor(i / c)]! += Math.exp(v) * (v - s[i]!);
  });
  return out;
}
