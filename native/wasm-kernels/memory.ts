// How kernels see memory. All pointers are byte offsets of float32 arrays unless said otherwise. The module allocates
// nothing and has no data of its own: the memory belongs to the backend and is shared by all threads.

export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Arguments of a job: doubles, which hold every pointer, count and float32 exactly. */
export function pointerArg(args: usize, index: usize): usize {
  return <usize>load<f64>(args + (index << 3));
}

export function intArg(args: usize, index: usize): i32 {
  return <i32>load<f64>(args + (index << 3));
}

export function floatArg(args: usize, index: usize): f32 {
  return <f32>load<f64>(args + (index << 3));
}

/** a * b + c: in one rounding where the machine and Node.js can, which the module is compiled for or not. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Clears `n` floats. Not memory.fill: its bounds check in a worker may not know yet that the memory has grown.
 */
export function clear(to: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at(to, i), f32x4.splat(0));
  for (; i < n; i++) store<f32>(at(to, i), 0);
}

/** The columns of the matrix with rows a, b, c, d, `step` bytes apart. */
export function transpose4(a: v128, b: v128, c: v128, d: v128, to: usize, step: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + step, v128.shuffle<i64>(ab, cd, 1, 3));
  const lastAb = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const lastCd = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to + 2 * step, v128.shuffle<i64>(lastAb, lastCd, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<i64>(lastAb, lastCd, 1, 3));
}
