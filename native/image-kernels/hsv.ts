// OpenCV's conversions of 8-bit images between RGB and HSV (modules/imgproc/src/color_hsv.simd.hpp): H in 0..179, S and V in
// 0..255. Four pixels at a time.

/**
 * RGB pixels to HSV, S times a factor (float32, clipped, truncated), H turned, and back, in place.
 * @param hue added to H, 0..179
 * @param rounds whether the way back rounds, halves to even, or truncates
 */
export function mapHsv(bytes: usize, pixels: i32, hue: i32, saturation: f32, rounds: bool): void {
  const zero = i32x4.splat(0);
  const half = i32x4.splat(2048);
  const circle = i32x4.splat(180);
  const one = f32x4.splat(1);
  const full = f32x4.splat(255);
  const end = bytes + 3 * <usize>pixels;
  for (; bytes < end; bytes += 12) {
    const rgb = v128.load(bytes);
    const r = v128.shuffle<u8>(rgb, zero, 0, 16, 16, 16, 3, 16, 16, 16, 6, 16, 16, 16, 9, 16, 16, 16);
    const g = v128.shuffle<u8>(rgb, zero, 1, 16, 16, 16, 4, 16, 16, 16, 7, 16, 16, 16, 10, 16, 16, 16);
    const b = v128.shuffle<u8>(rgb, zero, 2, 16, 16, 16, 5, 16, 16, 16, 8, 16, 16, 16, 11, 16, 16, 16);
    const v = i32x4.max_s(r, i32x4.max_s(g, b));
    const range = i32x4.sub(v, i32x4.min_s(r, i32x4.min_s(g, b)));

    // Multipliers in 1/4096: 255 / V and 30 / range, rounded; what they are at 0 is multiplied by 0.
    const perValue = i32x4.trunc_sat_f32x4_s(
      f32x4.nearest(f32x4.div(f32x4.splat(255 * 4096), f32x4.convert_i32x4_s(v))),
    );
    const perRange = i32x4.trunc_sat_f32x4_s(
      f32x4.nearest(f32x4.div(f32x4.splat(30 * 4096), f32x4.convert_i32x4_s(range))),
    );
    const s = f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.add(i32x4.mul(range, perValue), half), 12));
    const twice = i32x4.shl(range, 1);
    const turned = v128.bitselect(
      i32x4.sub(g, b),
      v128.bitselect(
        i32x4.add(i32x4.sub(b, r), twice),
        i32x4.add(i32x4.sub(r, g), i32x4.shl(twice, 1)),
        i32x4.eq(v, g),
      ),
      i32x4.eq(v, r),
    );
    let h = i32x4.shr_s(i32x4.add(i32x4.mul(turned, perRange), half), 12);
    h = i32x4.add(h, v128.and(circle, i32x4.lt_s(h, zero)));

    h = i32x4.add(h, i32x4.splat(hue));
    h = i32x4.sub(h, v128.and(circle, i32x4.ge_s(h, circle)));
    const changed = f32x4.trunc(f32x4.min(f32x4.mul(s, f32x4.splat(saturation)), full));

    const position = f32x4.mul(f32x4.convert_i32x4_s(h), f32x4.splat(<f32>6.0 / <f32>180.0));
    const below = f32x4.floor(position);
    const fraction = f32x4.sub(position, below);
    const sixth = i32x4.trunc_sat_f32x4_s(below);
    const odd = i32x4.eq(v128.and(sixth, i32x4.splat(1)), i32x4.splat(1));
    const weight = v128.bitselect(fraction, f32x4.sub(one, fraction), odd);
    const share = f32x4.mul(changed, f32x4.splat(<f32>1.0 / <f32>255.0));
    const value = f32x4.mul(f32x4.convert_i32x4_s(v), f32x4.splat(<f32>1.0 / <f32>255.0));
    const top = toBytes(f32x4.mul(value, full), rounds);
    const middle = toBytes(f32x4.mul(f32x4.mul(value, rest(share, weight)), full), rounds);
    const low = toBytes(f32x4.mul(f32x4.mul(value, f32x4.sub(one, share)), full), rounds);

    const first = i32x4.eq(sixth, zero);
    const second = i32x4.eq(sixth, i32x4.splat(1));
    const third = i32x4.eq(sixth, i32x4.splat(2));
    const fourth = i32x4.eq(sixth, i32x4.splat(3));
    const fifth = i32x4.eq(sixth, i32x4.splat(4));
    const last = i32x4.eq(sixth, i32x4.splat(5));
    const red = choose(top, v128.or(first, last), middle, v128.or(second, fifth), low);
    const green = choose(top, v128.or(second, third), middle, v128.or(first, fourth), low);
    const blue = choose(top, v128.or(fourth, fifth), middle, v128.or(third, last), low);
    const packed = v128.or(red, v128.or(i32x4.shl(green, 8), i32x4.shl(blue, 16)));
    const out = v128.shuffle<u8>(packed, packed, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3);
    v128.store64_lane(bytes, out, 0);
    v128.store32_lane(bytes, out, 2, 8);
  }
}

/** 1 - a * b in one rounding, as compilers fuse it in OpenCV's code for AVX2. */
function rest(a: v128, b: v128): v128 {
  const one = f64x2.splat(1);
  const low = f64x2.sub(one, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
  const upperA = v128.shuffle<u64>(a, a, 1, 1);
  const upperB = v128.shuffle<u64>(b, b, 1, 1);
  const high = f64x2.sub(one, f64x2.mul(f64x2.promote_low_f32x4(upperA), f64x2.promote_low_f32x4(upperB)));
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

function toBytes(values: v128, rounds: bool): v128 {
  return i32x4.trunc_sat_f32x4_s(rounds ? f32x4.nearest(values) : values);
}

function choose(a: v128, isA: v128, b: v128, isB: v128, c: v128): v128 {
  return v128.bitselect(a, v128.bitselect(b, c, isB), isA);
}
