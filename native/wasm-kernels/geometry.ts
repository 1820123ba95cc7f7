import { intArg, pointerArg } from './memory';

// The convolution that a thread is working at. Globals belong to an instance, and each thread has its own.

export let source: usize = 0;
export let sourceHigh: i32 = 0;
export let sourceWide: i32 = 0;
export let sourceChannels: i32 = 0;
export let positionsHigh: i32 = 0;
export let positionsWide: i32 = 0;
/** All positions, over every image. */
export let positions: i32 = 0;
export let tapsHigh: i32 = 0;
export let tapsWide: i32 = 0;
let up: i32 = 0;
let step: i32 = 0;
let base: i32 = 0;
let down: i32 = 0;

/** How many arguments `readGeometry` takes. */
export const GEOMETRY: i32 = 13;

/**
 * Arguments, from the first: source [batch, height, width, channels], batch, height, width, channels, positions high and
 * wide, taps high and wide, and how a position and a tap meet the source along an axis: t = position * up + tap * step +
 * base; the source is at t / down, if that is whole and inside. A convolution has down 1, its input gradient up 1.
 */
export function readGeometry(args: usize): void {
  source = pointerArg(args, 0);
  sourceHigh = intArg(args, 2);
  sourceWide = intArg(args, 3);
  sourceChannels = intArg(args, 4);
  positionsHigh = intArg(args, 5);
  positionsWide = intArg(args, 6);
  positions = intArg(args, 1) * positionsHigh * positionsWide;
  tapsHigh = intArg(args, 7);
  tapsWide = intArg(args, 8);
  up = intArg(args, 9);
  step = intArg(args, 10);
  base = intArg(args, 11);
  down = intArg(args, 12);
}

/** The source's row or column that a tap sees from a position, or -1 for padding. */
export function seen(position: i32, tap: i32, size: i32): i32 {
  const t = position * up + tap * step + base;
  if (t < 0) return -1;
  if (down === 1) return t < size ? t : -1;
  const s = t / down;
  return s * down === t && s < size ? s : -1;
}

/** Address of the source pixel that a tap sees from a position counted over all images, or 0 for padding. */
export function pixelSeen(position: i32, tap: i32): usize {
  const x = position % positionsWide;
  const line = position / positionsWide;
  const sy = seen(line % positionsHigh, tap / tapsWide, sourceHigh);
  if (sy < 0) return 0;
  const sx = seen(x, tap % tapsWide, sourceWide);
  if (sx < 0) return 0;
  const pixel = ((line / positionsHigh) * sourceHigh + sy) * sourceWide + sx;
  return source + ((<usize>pixel * <usize>sourceChannels) << 2);
}

/** Whether a tap sees anything but padding from some of these positions. */
export function tapMeetsSource(tap: i32, first: i32, count: i32): bool {
  for (let p = first; p < first + count; p++) if (pixelSeen(p, tap) !== 0) return true;
  return false;
}
