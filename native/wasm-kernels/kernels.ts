// Kernels for the heap of TensorFlow.js's wasm backend, in AssemblyScript (`node scripts/build-kernels.mjs` compiles them).
// All pointers are byte offsets of float32 arrays unless said otherwise. Nothing is allocated here and the module has no
// data of its own: the memory belongs to the backend.

/** Rows summed in float32 before they are added up in double precision. */
const CHUNK: i32 = 64;

function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** out[4 x 8] += sum over positions of x[4] (outer) dy[8]; `outStep` is the byte length of a row of out. */
function tile4x8(x: usize, dy: usize, out: usize, n: i32, xStep: usize, dyStep: usize, outStep: usize): void {
  const out1 = out + outStep;
  const out2 = out1 + outStep;
  const out3 = out2 + outStep;
  let a0 = v128.load(out);
  let b0 = v128.load(out, 16);
  let a1 = v128.load(out1);
  let b1 = v128.load(out1, 16);
  let a2 = v128.load(out2);
  let b2 = v128.load(out2, 16);
  let a3 = v128.load(out3);
  let b3 = v128.load(out3, 16);
  for (let i = 0; i < n; i++) {
    const d0 = v128.load(dy);
    const d1 = v128.load(dy, 16);
    let s = v128.load_splat<f32>(x);
    a0 = f32x4.add(a0, f32x4.mul(s, d0));
    b0 = f32x4.add(b0, f32x4.mul(s, d1));
    s = v128.load_splat<f32>(x, 4);
    a1 = f32x4.add(a1, f32x4.mul(s, d0));
    b1 = f32x4.add(b1, f32x4.mul(s, d1));
    s = v128.load_splat<f32>(x, 8);
    a2 = f32x4.add(a2, f32x4.mul(s, d0));
    b2 = f32x4.add(b2, f32x4.mul(s, d1));
    s = v128.load_splat<f32>(x, 12);
    a3 = f32x4.add(a3, f32x4.mul(s, d0));
    b3 = f32x4.add(b3, f32x4.mul(s, d1));
    x += xStep;
    dy += dyStep;
  }
  v128.store(out, a0);
  v128.store(out, b0, 16);
  v128.store(out1, a1);
  v128.store(out1, b1, 16);
  v128.store(out2, a2);
  v128.store(out2, b2, 16);
  v128.store(out3, a3);
  v128.store(out3, b3, 16);
}

function tile1x4(x: usize, dy: usize, out: usize, n: i32, xStep: usize, dyStep: usize): void {
  let a = v128.load(out);
  for (let i = 0; i < n; i++) {
    a = f32x4.add(a, f32x4.mul(v128.load_splat<f32>(x), v128.load(dy)));
    x += xStep;
    dy += dyStep;
  }
  v128.store(out, a);
}

function tile1x1(x: usize, dy: usize, out: usize, n: i32, xStep: usize, dyStep: usize): void {
  let a = load<f32>(out);
  for (let i = 0; i < n; i++) {
    a += load<f32>(x) * load<f32>(dy);
    x += xStep;
    dy += dyStep;
  }
  store<f32>(out, a);
}

/**
 * Filter gradient of a convolution: out[kh,kw,cin,cout] = sum over outputs of x (outer) dy, straight from NHWC.
 * `out` is cleared first. One row of outputs at a time, so that both operands stay in the first cache.
 */
export function convFilterGrad(
  x: usize,
  dy: usize,
  out: usize,
  batch: i32,
  height: i32,
  width: i32,
  cin: i32,
  outHeight: i32,
  outWidth: i32,
  cout: i32,
  kh: i32,
  kw: i32,
  stride: i32,
  dilation: i32,
  padding: i32,
): void {
  memory.fill(out, 0, (<usize>(kh * kw * cin * cout)) << 2);
  const xStep = (<usize>(stride * cin)) << 2;
  const dyStep = (<usize>cout) << 2;
  const outStep = dyStep;
  for (let b = 0; b < batch; b++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ky = 0; ky < kh; ky++) {
        const iy = oy * stride + ky * dilation - padding;
        if (iy < 0 || iy >= height) continue;
        for (let kx = 0; kx < kw; kx++) {
          const offset = kx * dilation - padding;
          let begin = 0;
          while (begin < outWidth && begin * stride + offset < 0) begin++;
          let end = outWidth;
          while (end > begin && (end - 1) * stride + offset >= width) end--;
          const n = end - begin;
          if (n === 0) continue;
          const xRow = at(x, ((b * height + iy) * width + begin * stride + offset) * cin);
          const dyRow = at(dy, ((b * outHeight + oy) * outWidth + begin) * cout);
          const tap = at(out, (ky * kw + kx) * cin * cout);
          let ci = 0;
          for (; ci + 4 <= cin; ci += 4) {
            let co = 0;
            for (; co + 8 <= cout; co += 8)
              tile4x8(at(xRow, ci), at(dyRow, co), at(tap, ci * cout + co), n, xStep, dyStep, outStep);
            for (let c = ci; c < ci + 4; c++)
              rest(at(xRow, c), dyRow, at(tap, c * cout), co, cout, n, xStep, dyStep);
          }
          for (; ci < cin; ci++) rest(at(xRow, ci), dyRow, at(tap, ci * cout), 0, cout, n, xStep, dyStep);
        }
      }
}

/** One input channel against output channels `co` to `cout` - 1. */
function rest(
  x: usize,
  dy: usize,
  out: usize,
  co: i32,
  cout: i32,
  n: i32,
  xStep: usize,
  dyStep: usize,
): void {
  for (; co + 4 <= cout; co += 4) tile1x4(x, at(dy, co), at(out, co), n, xStep, dyStep);
  for (; co < cout; co++) tile1x1(x, at(dy, co), at(out, co), n, xStep, dyStep);
}

function addTo(doubles: usize, values: v128): void {
  v128.store(doubles, f64x2.add(v128.load(doubles), f64x2.promote_low_f32x4(values)));
  const high = v128.shuffle<i32>(values, values, 2, 3, 2, 3);
  v128.store(doubles, f64x2.add(v128.load(doubles, 16), f64x2.promote_low_f32x4(high)), 16);
}

/**
 * Sums over rows, for every channel: of a, and of a * (b - centre). With `square`, b - centre takes the place of a.
 * `sumA` and `sumProduct` are float64 arrays; they are cleared first.
 */
export function channelSums(
  a: usize,
  b: usize,
  centre: usize,
  rows: i32,
  c: i32,
  square: bool,
  sumA: usize,
  sumProduct: usize,
): void {
  memory.fill(sumA, 0, (<usize>c) << 3);
  memory.fill(sumProduct, 0, (<usize>c) << 3);
  const step = (<usize>c) << 2;
  const vectors = c & ~3;
  for (let first = 0; first < rows; first += CHUNK) {
    const n = min(CHUNK, rows - first);
    for (let k = 0; k < vectors; k += 4) {
      const m = v128.load(at(centre, k));
      let pa = at(a, first * c + k);
      let pb = at(b, first * c + k);
      let s = f32x4.splat(0);
      let q = f32x4.splat(0);
      for (let i = 0; i < n; i++) {
        const distance = f32x4.sub(v128.load(pb), m);
        const value = square ? distance : v128.load(pa);
        s = f32x4.add(s, value);
        q = f32x4.add(q, f32x4.mul(value, distance));
        pa += step;
        pb += step;
      }
      addTo(sumA + ((<usize>k) << 3), s);
      addTo(sumProduct + ((<usize>k) << 3), q);
    }
    for (let k = vectors; k < c; k++) {
      const m = load<f32>(at(centre, k));
      let s: f64 = 0;
      let q: f64 = 0;
      for (let i = first; i < first + n; i++) {
        const distance = load<f32>(at(b, i * c + k)) - m;
        const value = square ? distance : load<f32>(at(a, i * c + k));
        s += value;
        q += value * distance;
      }
      const toA = sumA + ((<usize>k) << 3);
      const toProduct = sumProduct + ((<usize>k) << 3);
      store<f64>(toA, load<f64>(toA) + s);
      store<f64>(toProduct, load<f64>(toProduct) + q);
    }
  }
}

/** to = x * scale + shift per channel. */
export function channelAffine(x: usize, scale: usize, shift: usize, to: usize, rows: i32, c: i32): void {
  for (let r = 0; r < rows; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4)
      v128.store(
        at(to, k),
        f32x4.add(f32x4.mul(v128.load(at(x, k)), v128.load(at(scale, k))), v128.load(at(shift, k))),
      );
    for (; k < c; k++)
      store<f32>(at(to, k), load<f32>(at(x, k)) * load<f32>(at(scale, k)) + load<f32>(at(shift, k)));
    x = at(x, c);
    to = at(to, c);
  }
}

/** to = scale * (dy + (x - centre) * slope + offset) per channel. */
export function channelNormGrad(
  dy: usize,
  x: usize,
  centre: usize,
  slope: usize,
  offset: usize,
  scale: usize,
  to: usize,
  rows: i32,
  c: i32,
): void {
  for (let r = 0; r < rows; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4) {
      const distance = f32x4.sub(v128.load(at(x, k)), v128.load(at(centre, k)));
      const sum = f32x4.add(
        f32x4.add(v128.load(at(dy, k)), v128.load(at(offset, k))),
        f32x4.mul(distance, v128.load(at(slope, k))),
      );
      v128.store(at(to, k), f32x4.mul(sum, v128.load(at(scale, k))));
    }
    for (; k < c; k++) {
      const distance = load<f32>(at(x, k)) - load<f32>(at(centre, k));
      const sum = load<f32>(at(dy, k)) + load<f32>(at(offset, k)) + distance * load<f32>(at(slope, k));
      store<f32>(at(to, k), sum * load<f32>(at(scale, k)));
    }
    x = at(x, c);
    dy = at(dy, c);
    to = at(to, c);
  }
}

/**
 * out[o, r, :] = sum of weight[e] * x[o, index[e], :] over e in start[r] .. start[r + 1] - 1 (int32 start and index),
 * for `outer` slices of [columns, inner].
 */
export function alongAxis(
  x: usize,
  to: usize,
  start: usize,
  index: usize,
  weight: usize,
  outer: i32,
  rows: i32,
  columns: i32,
  inner: i32,
): void {
  memory.fill(to, 0, (<usize>(outer * rows * inner)) << 2);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rows; r++) {
      const target = at(to, (o * rows + r) * inner);
      const last = load<i32>(at(start, r + 1));
      for (let e = load<i32>(at(start, r)); e < last; e++) {
        const source = at(x, (o * columns + load<i32>(at(index, e))) * inner);
        const by = load<f32>(at(weight, e));
        const by4 = f32x4.splat(by);
        let i = 0;
        for (; i + 4 <= inner; i += 4) {
          const p = at(target, i);
          v128.store(p, f32x4.add(v128.load(p), f32x4.mul(by4, v128.load(at(source, i)))));
        }
        for (; i < inner; i++) {
          const p = at(target, i);
          store<f32>(p, load<f32>(p) + by * load<f32>(at(source, i)));
        }
      }
    }
}

/** v = momentum * velocity + gradient + weightDecay * weight; w = weight - lr * v; into new arrays. */
export function sgdStep(
  weight: usize,
  gradient: usize,
  velocity: usize,
  toWeight: usize,
  toVelocity: usize,
  n: i32,
  lr: f32,
  momentum: f32,
  weightDecay: f32,
): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const w = v128.load(at(weight, i));
    const v = f32x4.add(
      f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(at(velocity, i))), v128.load(at(gradient, i))),
      f32x4.mul(f32x4.splat(weightDecay), w),
    );
    v128.store(at(toVelocity, i), v);
    v128.store(at(toWeight, i), f32x4.sub(w, f32x4.mul(f32x4.splat(lr), v)));
  }
  for (; i < n; i++) {
    const w = load<f32>(at(weight, i));
    const v = momentum * load<f32>(at(velocity, i)) + load<f32>(at(gradient, i)) + weightDecay * w;
    store<f32>(at(toVelocity, i), v);
    store<f32>(at(toWeight, i), w - lr * v);
  }
}
