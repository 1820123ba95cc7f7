import type { RgbImage } from '../dataset';

/** Where the pixels of a window of a scaled image lie along one axis of the image. Weights are in 1/2048. */
export interface Axis {
  length: number;
  first: Int32Array;
  second: Int32Array;
  firstWeight: Int32Array;
  secondWeight: Int32Array;
  nearest: Int32Array;
  /** Place in the window of the one pixel that, at half size, has no second pixel to average with; -1: there is none. */
  odd: number;
  halves: boolean;
}

/**
 * OpenCV's resize geometry along one axis (modules/imgproc/src/resize.cpp): pixel centres at +0.5, edge pixels repeated,
 * fixed-point weights of 11 bit; nearest is floor(x * step) without the half pixel.
 * @param length of the image along this axis
 * @param step pixels of the image per pixel of the scaled one
 * @param offset first pixel of the window
 * @param flip the window's pixels in reverse order
 */
export function axisOf(length: number, step: number, offset: number, count: number, flip: boolean): Axis {
  const [first, second, nearest] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const [firstWeight, secondWeight] = [new Int32Array(count), new Int32Array(count)];
  const last = length - 1;
  const halves = step === 2;
  let odd = -1;
  for (let i = 0; i < count; i++) {
    const at = offset + (flip ? count - 1 - i : i);
    const position = Math.fround((at + 0.5) * step - 0.5);
    const floor = Math.floor(position);
    const fraction = Math.fround(position - floor);
    first[i] = Math.min(Math.max(floor, 0), last);
    second[i] = Math.min(Math.max(floor + 1, 0), last);
    firstWeight[i] = roundHalfEven(Math.fround(1 - fraction) * 2048);
    secondWeight[i] = roundHalfEven(fraction * 2048);
    nearest[i] = Math.min(Math.floor(at * step), last);
    if (halves && 2 * at === last) odd = i;
  }
  return { length: count, first, second, firstWeight, secondWeight, nearest, odd, halves };
}

/**
 * A window of the scaled image, bilinear, in OpenCV's integer arithmetic for 8-bit images (cv2.resize, INTER_LINEAR):
 * only its pixels are computed. Where both axes are halved OpenCV averages areas instead, which differs in the last row
 * and column of odd sizes.
 * @param out [rows,columns,3], RGB
 */
export function resizeInto({ data, width }: RgbImage, rows: Axis, columns: Axis, out: Uint8Array): void {
  const values = columns.length * 3;
  // Rows of the image, resized along the row: two neighbouring ones are needed at a time, and mostly again for the next.
  let [upper, lower] = [new Int32Array(values), new Int32Array(values)];
  let [upperRow, lowerRow] = [-1, -1];
  for (let y = 0, o = 0; y < rows.length; y++) {
    const [first, second] = [rows.first[y]!, rows.second[y]!];
    if (first === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (first !== upperRow) resizeRow(data, first * width * 3, columns, upper);
    upperRow = first;
    if (second !== first && second !== lowerRow) {
      resizeRow(data, second * width * 3, columns, lower);
      lowerRow = second;
    }
    const below = second === first ? upper : lower;
    const [a, b] = [rows.firstWeight[y]!, rows.secondWeight[y]!];
    for (let i = 0; i < values; i++, o++)
      out[o] = (((a * upper[i]!) >> 16) + ((b * below[i]!) >> 16) + 2) >> 2;
  }
  if (rows.halves && columns.halves) averageEdges(data, width, rows, columns, out);
}

/** Values come in 1/128 of a grey level. */
function resizeRow(data: Uint8Array, row: number, columns: Axis, out: Int32Array): void {
  const { first, second, firstWeight, secondWeight, length } = columns;
  for (let x = 0, o = 0; x < length; x++, o += 3) {
    const a = row + first[x]! * 3;
    const b = row + second[x]! * 3;
    const [u, v] = [firstWeight[x]!, secondWeight[x]!];
    out[o] = (data[a]! * u + data[b]! * v) >> 4;
    out[o + 1] = (data[a + 1]! * u + data[b + 1]! * v) >> 4;
    out[o + 2] = (data[a + 2]! * u + data[b + 2]! * v) >> 4;
  }
}

/** Pixels of which only a part lies in the image: the mean of that part, halves rounded to even. */
function averageEdges(data: Uint8Array, width: number, rows: Axis, columns: Axis, out: Uint8Array): void {
  const average = (y: number, x: number) => {
    const [top, left] = [rows.nearest[y]!, columns.nearest[x]!];
    for (let c = 0; c < 3; c++) {
      const at = (dy: number, dx: number) => data[((top + dy) * width + left + dx) * 3 + c]!;
      const sum = at(0, 0) + (y === rows.odd ? 0 : at(1, 0)) + (x === columns.odd ? 0 : at(0, 1));
      const count = 1 + (y === rows.odd ? 0 : 1) + (x === columns.odd ? 0 : 1);
      out[(y * columns.length + x) * 3 + c] = roundHalfEven(sum / count);
    }
  };
  if (columns.odd >= 0) for (let y = 0; y < rows.length; y++) average(y, columns.odd);
  if (rows.odd >= 0) for (let x = 0; x < columns.length; x++) average(rows.odd, x);
}

/** Rounds halves to even, as OpenCV's cvRound does. */
export function roundHalfEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  if (rest !== 0.5) return Math.round(v);
  return floor % 2 === 0 ? floor : floor + 1;
}
