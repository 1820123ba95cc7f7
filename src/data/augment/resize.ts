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

/** Rounds halves to even, as OpenCV's cvRound does. */
export function roundHalfEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  if (rest !== 0.5) return Math.round(v);
  return floor % 2 === 0 ? floor : floor + 1;
}
