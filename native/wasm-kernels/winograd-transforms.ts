import { multiplyAdd } from './memory';

// The transforms of Winograd's minimal filtering F(4x4, 3x3): 36 multiplications where a 3x3 convolution of 16 results has
// 144 (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.3). Each works along one
// dimension, on vectors of four channels: values d0, d1 ... become values `step` bytes apart.

/** a * by + b. */
function scaled(a: v128, by: f32, b: v128): v128 {
  return multiplyAdd(f32x4.splat(by), a, b);
}

function times(a: v128, by: f32): v128 {
  return f32x4.mul(f32x4.splat(by), a);
}

/** Six pixels of the input. */
export function fromInput(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  to: usize,
  step: usize,
): void {
  const even = scaled(d2, -4, d4);
  const odd = scaled(d1, -4, d3);
  const e = f32x4.sub(d4, d2);
  const f = times(f32x4.sub(d3, d1), 2);
  v128.store(to, scaled(d0, 4, scaled(d2, -5, d4)));
  v128.store(to + step, f32x4.add(even, odd));
  v128.store(to + 2 * step, f32x4.sub(even, odd));
  v128.store(to + 3 * step, f32x4.add(e, f));
  v128.store(to + 4 * step, f32x4.sub(e, f));
  v128.store(to + 5 * step, scaled(d1, 4, scaled(d3, -5, d5)));
}

/** Four pixels of the result's gradient. */
export function fromGradient(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  const e = f32x4.add(y0, y2);
  const f = f32x4.add(y1, y3);
  const g = scaled(y2, 4, y0);
  const h = scaled(y3, 8, times(y1, 2));
  v128.store(to, y0);
  v128.store(to + step, f32x4.add(e, f));
  v128.store(to + 2 * step, f32x4.sub(e, f));
  v128.store(to + 3 * step, f32x4.add(g, h));
  v128.store(to + 4 * step, f32x4.sub(g, h));
  v128.store(to + 5 * step, y3);
}

/** Three taps of a filter. */
export function fromTaps(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  const s = times(f32x4.add(g0, g2), <f32>(-1.0 / 6));
  const t = times(g1, <f32>(1.0 / 6));
  const u = scaled(g0, <f32>(1.0 / 24), times(g2, <f32>(1.0 / 6)));
  const v = times(g1, <f32>(1.0 / 12));
  v128.store(to, times(g0, 0.25));
  v128.store(to + step, f32x4.sub(s, t));
  v128.store(to + 2 * step, f32x4.add(s, t));
  v128.store(to + 3 * step, f32x4.add(u, v));
  v128.store(to + 4 * step, f32x4.sub(u, v));
  v128.store(to + 5 * step, g2);
}

// The transposed ones, from six products.

export function resultAt0(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return f32x4.add(f32x4.add(m0, f32x4.add(m1, m2)), f32x4.add(m3, m4));
}

export function resultAt1(m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return scaled(f32x4.sub(m3, m4), 2, f32x4.sub(m1, m2));
}

export function resultAt2(m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return scaled(f32x4.add(m3, m4), 4, f32x4.add(m1, m2));
}

export function resultAt3(m1: v128, m2: v128, m3: v128, m4: v128, m5: v128): v128 {
  return f32x4.add(scaled(f32x4.sub(m3, m4), 8, f32x4.sub(m1, m2)), m5);
}

export function tapAt0(p0: v128, p1: v128, p2: v128, p3: v128, p4: v128): v128 {
  const s = times(f32x4.add(p1, p2), <f32>(1.0 / 6));
  return scaled(f32x4.add(p3, p4), <f32>(1.0 / 24), f32x4.sub(times(p0, 0.25), s));
}

export function tapAt1(p1: v128, p2: v128, p3: v128, p4: v128): v128 {
  return scaled(f32x4.sub(p3, p4), <f32>(1.0 / 12), times(f32x4.sub(p2, p1), <f32>(1.0 / 6)));
}

export function tapAt2(p1: v128, p2: v128, p3: v128, p4: v128, p5: v128): v128 {
  const s = times(f32x4.add(p1, p2), <f32>(1.0 / 6));
  return scaled(f32x4.add(p3, p4), <f32>(1.0 / 6), f32x4.sub(p5, s));
}
