/**
 * Undoes the filters of PNG rows (PNG specification, 9.2).
 * @param raw `rows` rows of a filter byte and `perRow` bytes
 * @param step bytes between a value and the one to its left
 * @param out rows of `perRow` bytes; the row before it holds the one above the first, or zeros
 * @returns the first row whose filter does not exist, or -1
 */
export function unfilter(raw: usize, rows: i32, perRow: i32, step: i32, out: usize): i32 {
  const n = <usize>perRow;
  for (let y = 0; y < rows; y++) {
    const from = raw + <usize>y * (n + 1) + 1;
    const to = out + <usize>y * n;
    const up = to - n;
    const filter = load<u8>(from - 1);
    if (filter === 0) memory.copy(to, from, n);
    else if (filter === 1) sub(from, to, n, <usize>step);
    else if (filter === 2) addUp(from, to, up, n);
    else if (filter === 3) average(from, to, up, n, <usize>step);
    else if (filter === 4) paeth(from, to, up, n, <usize>step);
    else return y;
  }
  return -1;
}

function addUp(from: usize, to: usize, up: usize, n: usize): void {
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) v128.store(to + i, i8x16.add(v128.load(from + i), v128.load(up + i)));
  for (; i < n; i++) store<u8>(to + i, load<u8>(from + i) + load<u8>(up + i));
}

function sub(from: usize, to: usize, n: usize, step: usize): void {
  if (step === 3 || step === 4) {
    let left = i32x4.splat(0);
    for (let i: usize = 0; i < n; i += step) {
      left = i8x16.add(left, v128.load32_zero(from + i));
      v128.store32_lane(to + i, left, 0);
    }
    return;
  }
  if (step === 1) {
    let left: u32 = 0;
    for (let i: usize = 0; i < n; i++) {
      left += load<u8>(from + i);
      store<u8>(to + i, left);
    }
    return;
  }
  for (let i: usize = 0; i < n; i++)
    store<u8>(to + i, load<u8>(from + i) + (i < step ? 0 : load<u8>(to + i - step)));
}

function average(from: usize, to: usize, up: usize, n: usize, step: usize): void {
  if (step === 3 || step === 4) {
    let left = i32x4.splat(0);
    for (let i: usize = 0; i < n; i += step) {
      const mean = i16x8.shr_u(i16x8.add(left, pixel(up + i)), 1);
      left = bytesOf(i16x8.add(mean, pixel(from + i)));
      keep(to + i, left);
    }
    return;
  }
  for (let i: usize = 0; i < n; i++) {
    const left: u32 = i < step ? 0 : load<u8>(to + i - step);
    store<u8>(to + i, load<u8>(from + i) + ((left + load<u8>(up + i)) >> 1));
  }
}

function paeth(from: usize, to: usize, up: usize, n: usize, step: usize): void {
  if (step === 3 || step === 4) {
    let a = i32x4.splat(0);
    let c = i32x4.splat(0);
    for (let i: usize = 0; i < n; i += step) {
      const b = pixel(up + i);
      const toA = i16x8.sub(b, c);
      const toB = i16x8.sub(a, c);
      const toC = i16x8.abs(i16x8.add(toA, toB));
      const nearA = i16x8.abs(toA);
      const nearB = i16x8.abs(toB);
      const nearest = i16x8.min_s(toC, i16x8.min_s(nearA, nearB));
      const guess = v128.bitselect(
        a,
        v128.bitselect(b, c, i16x8.eq(nearB, nearest)),
        i16x8.eq(nearA, nearest),
      );
      a = bytesOf(i16x8.add(guess, pixel(from + i)));
      keep(to + i, a);
      c = b;
    }
    return;
  }
  for (let i: usize = 0; i < n; i++) {
    const a: i32 = i < step ? 0 : load<u8>(to + i - step);
    const b: i32 = load<u8>(up + i);
    const c: i32 = i < step ? 0 : load<u8>(up + i - step);
    const pa = abs(b - c);
    const pb = abs(a - c);
    const pc = abs(a + b - c - c);
    const guess = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    store<u8>(to + i, load<u8>(from + i) + guess);
  }
}

/** Four bytes as 16-bit lanes. */
function pixel(at: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_zero(at));
}

function bytesOf(lanes: v128): v128 {
  return v128.and(lanes, i16x8.splat(0xff));
}

function keep(at: usize, lanes: v128): void {
  v128.store32_lane(at, i8x16.narrow_i16x8_u(lanes, lanes), 0);
}
