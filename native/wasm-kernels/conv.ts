import {
  GEOMETRY,
  pixelSeen,
  positions,
  readGeometry,
  sourceChannels,
  tapMeetsSource,
  tapsHigh,
  tapsWide,
} from './geometry';
import { at, clear, intArg, pointerArg, transpose4 } from './memory';
import { COLUMNS, DEPTH, product, ROWS } from './product';

// Convolutions as products of packed matrices. Of the matrix of all patches only a block exists at a time.

/** Rows of the left operand that a task packs at once: 24 panels of 4, about 100 KB at full depth. */
export const BLOCK: i32 = 96;
const EDGE: i32 = BLOCK * DEPTH * 4;
const ZEROS: i32 = EDGE + ROWS * COLUMNS * 4;
/** Scratch memory: the packed block, one tile, and zeros to read instead of padding. */
export const CONV_SCRATCH: i32 = ZEROS + DEPTH * 4;

/**
 * Task of a convolution or an input gradient: 96 positions times some of the result's channels. Arguments: the geometry;
 * then the packed right operand [taps * source channels, columns], the result [positions, columns], columns, columns
 * per task (a multiple of 8).
 */
export function convProduct(task: i32, args: usize, scratch: usize): void {
  readGeometry(args);
  const right = pointerArg(args, GEOMETRY);
  const result = pointerArg(args, GEOMETRY + 1);
  const columns = intArg(args, GEOMETRY + 2);
  const perTask = intArg(args, GEOMETRY + 3);
  const blocks = (positions + BLOCK - 1) / BLOCK;
  const firstColumn = (task / blocks) * perTask;
  const someColumns = min(perTask, columns - firstColumn);
  const first = (task % blocks) * BLOCK;
  const rows = min(BLOCK, positions - first);
  const taps = tapsHigh * tapsWide;
  const depth = taps * sourceChannels;
  const rightStep = (<usize>(depth * COLUMNS)) << 2;
  const rightPanel = right + <usize>(firstColumn / COLUMNS) * rightStep;
  const step = (<usize>columns) << 2;
  const target = at(result + <usize>first * step, firstColumn);
  clear(scratch + ZEROS, DEPTH);

  let add = false;
  let tap = 0;
  while (tap < taps) {
    // Taps that see padding alone from here are left out: most of a wide pyramid's on a small map.
    if (!tapMeetsSource(tap, first, rows)) {
      tap++;
      continue;
    }
    const begin = tap * sourceChannels;
    while (tap < taps && tapMeetsSource(tap, first, rows)) tap++;
    const end = tap * sourceChannels;
    const parts = (end - begin + DEPTH - 1) / DEPTH;
    const part = (end - begin + parts - 1) / parts;
    for (let k = begin; k < end; k += part) {
      const some = min(part, end - k);
      for (let r = 0; r < rows; r += ROWS)
        packPatches(first + r, k, some, at(scratch, r * some), scratch + ZEROS);
      const panel = rightPanel + ((<usize>(k * COLUMNS)) << 2);
      product(scratch, rows, panel, rightStep, someColumns, some, target, step, add, scratch + EDGE);
      add = true;
    }
  }
  if (!add) for (let r = 0; r < rows; r++) clear(target + <usize>r * step, someColumns);
}

/** Values k .. k + some - 1 of the patches at 4 positions -> [some][4]; zeros behind the last position. */
function packPatches(first: i32, k: i32, some: i32, to: usize, zeros: usize): void {
  while (some > 0) {
    const tap = k / sourceChannels;
    const channel = k % sourceChannels;
    const n = min(some, sourceChannels - channel);
    interleave(
      patchValues(first, tap, channel, zeros),
      patchValues(first + 1, tap, channel, zeros),
      patchValues(first + 2, tap, channel, zeros),
      patchValues(first + 3, tap, channel, zeros),
      n,
      to,
    );
    to = at(to, n * ROWS);
    k += n;
    some -= n;
  }
}

function patchValues(position: i32, tap: i32, channel: i32, zeros: usize): usize {
  const pixel = position < positions ? pixelSeen(position, tap) : 0;
  return pixel === 0 ? zeros : at(pixel, channel);
}

/** Four arrays of n values -> [n][4]. */
function interleave(p0: usize, p1: usize, p2: usize, p3: usize, n: i32, to: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    transpose4(
      v128.load(at(p0, i)),
      v128.load(at(p1, i)),
      v128.load(at(p2, i)),
      v128.load(at(p3, i)),
      to,
      16,
    );
    to += 64;
  }
  for (; i < n; i++) {
    store<f32>(to, load<f32>(at(p0, i)));
    store<f32>(to, load<f32>(at(p1, i)), 4);
    store<f32>(to, load<f32>(at(p2, i)), 8);
    store<f32>(to, load<f32>(at(p3, i)), 12);
    to += 16;
  }
}

/** Rows of the filter that a task of `convFilterGrad` computes: input channels of one tap. */
export const FILTER_BLOCK: i32 = 32;

/**
 * Task of a filter gradient: one tap, 32 input channels, some output channels; the sum goes over all positions.
 * Arguments: the geometry; then the output gradient as packed right operand [positions, columns], the result [taps,
 * source channels, columns], columns, columns per task (a multiple of 8).
 */
export function convFilterGrad(task: i32, args: usize, scratch: usize): void {
  readGeometry(args);
  const right = pointerArg(args, GEOMETRY);
  const result = pointerArg(args, GEOMETRY + 1);
  const columns = intArg(args, GEOMETRY + 2);
  const perTask = intArg(args, GEOMETRY + 3);
  const blocks = (sourceChannels + FILTER_BLOCK - 1) / FILTER_BLOCK;
  const tap = (task / blocks) % (tapsHigh * tapsWide);
  const firstColumn = (task / (blocks * tapsHigh * tapsWide)) * perTask;
  const someColumns = min(perTask, columns - firstColumn);
  const channel = (task % blocks) * FILTER_BLOCK;
  const channels = min(FILTER_BLOCK, sourceChannels - channel);
  const rightStep = (<usize>(positions * COLUMNS)) << 2;
  const rightPanel = right + <usize>(firstColumn / COLUMNS) * rightStep;
  const step = (<usize>columns) << 2;
  const target = at(result, (tap * sourceChannels + channel) * columns + firstColumn);

  let add = false;
  for (let first = 0; first < positions; first += DEPTH) {
    const some = min(DEPTH, positions - first);
    if (!packPixels(first, some, tap, channel, channels, scratch)) continue;
    const panel = rightPanel + ((<usize>(first * COLUMNS)) << 2);
    product(scratch, channels, panel, rightStep, someColumns, some, target, step, add, scratch + EDGE);
    add = true;
  }
  if (!add) for (let r = 0; r < channels; r++) clear(target + <usize>r * step, someColumns);
}

/** What a tap sees from `some` positions, as panels [some][4] of channels. False: nothing but padding. */
function packPixels(first: i32, some: i32, tap: i32, channel: i32, channels: i32, to: usize): bool {
  const panel = (<usize>(some * ROWS)) << 2;
  let any = false;
  for (let p = first; p < first + some; p++) {
    const pixel = pixelSeen(p, tap);
    let target = to;
    if (pixel === 0)
      for (let c = 0; c < channels; c += ROWS) {
        v128.store(target, f32x4.splat(0));
        target += panel;
      }
    else {
      any = true;
      let from = at(pixel, channel);
      let c = 0;
      for (; c + ROWS <= channels; c += ROWS) {
        v128.store(target, v128.load(from));
        from += 16;
        target += panel;
      }
      if (c < channels)
        for (let r = 0; r < ROWS; r++)
          store<f32>(at(target, r), c + r < channels ? load<f32>(at(from, r)) : 0);
    }
    to += 16;
  }
  return any;
}
