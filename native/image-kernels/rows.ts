// Rows of RGB pixels: OpenCV's bilinear resize of 8-bit images in integers (modules/imgproc/src/resize.cpp), and what
// follows it.

/**
 * Resizes a row along itself.
 * @param offsets two int32 per pixel of the result: bytes from `row` to the pixels it is made of
 * @param weights two int16 per pixel, in 1/2048
 * @param out three int16 per pixel, in 1/128 of a grey level
 */
export function resizeRow(row: usize, offsets: usize, weights: usize, out: usize, pixels: i32): void {
  for (let x = 0; x < pixels; x++) {
    const a = v128.load32_zero(row + load<u32>(offsets));
    const b = v128.load32_zero(row + load<u32>(offsets, 4));
    const pairs = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 4, 4, 4, 4, 4, 4, 4);
    const sums = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pairs), v128.load32_splat(weights));
    const values = i32x4.shr_s(sums, 4);
    v128.store64_lane(out, i16x8.narrow_i32x4_s(values, values), 0);
    offsets += 8;
    weights += 4;
    out += 6;
  }
}

/** Bytes of a row between two rows that were resized along themselves; `a` and `b` are weights in 1/2048. */
export function blendRow(upper: usize, lower: usize, a: i32, b: i32, out: usize, values: i32): void {
  const u = i16x8.splat(<i16>a);
  const l = i16x8.splat(<i16>b);
  const two = i32x4.splat(2);
  for (let i = 0; i < values; i += 8) {
    const above = v128.load(upper + ((<usize>i) << 1));
    const below = v128.load(lower + ((<usize>i) << 1));
    const low = i32x4.add(
      i32x4.shr_s(i32x4.extmul_low_i16x8_s(above, u), 16),
      i32x4.shr_s(i32x4.extmul_low_i16x8_s(below, l), 16),
    );
    const high = i32x4.add(
      i32x4.shr_s(i32x4.extmul_high_i16x8_s(above, u), 16),
      i32x4.shr_s(i32x4.extmul_high_i16x8_s(below, l), 16),
    );
    const both = i16x8.narrow_i32x4_s(
      i32x4.shr_s(i32x4.add(low, two), 2),
      i32x4.shr_s(i32x4.add(high, two), 2),
    );
    v128.store64_lane(out + <usize>i, i8x16.narrow_i16x8_u(both, both), 0);
  }
}

/** Every byte through a table of 256, in place. */
export function mapBytes(bytes: usize, count: i32, table: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<u8>(bytes + i, load<u8>(table + load<u8>(bytes + i)));
}

/**
 * Three float32 per pixel.
 * @param tables three of 256 float32, one per channel of the result
 * @param first byte of a pixel that the first channel is made of, 0 or 2; the last is made of the other one
 */
export function normaliseRow(bytes: usize, pixels: i32, tables: usize, first: usize, out: usize): void {
  const last: usize = 2 - first;
  const end = bytes + 3 * <usize>pixels;
  for (; bytes < end; bytes += 3) {
    store<f32>(out, load<f32>(tables + ((<usize>load<u8>(bytes + first)) << 2)));
    store<f32>(out, load<f32>(tables + ((<usize>load<u8>(bytes, 1)) << 2), 1024), 4);
    store<f32>(out, load<f32>(tables + ((<usize>load<u8>(bytes + last)) << 2), 2048), 8);
    out += 12;
  }
}
