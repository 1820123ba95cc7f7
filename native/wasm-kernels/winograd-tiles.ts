import { at, intArg, pointerArg } from './memory';
import { fromGradient, fromInput } from './winograd-transforms';

// Maps cut into the tiles of Winograd's filtering, which see 6x6 pixels of the input for 4x4 of the result; and tiles of both,
// transformed to 6x6 values ("positions") per channel.

export const SIDE: i32 = 6;
export const POSITIONS: i32 = SIDE * SIDE;
export const TILE: i32 = 4;
/** Channels of a line of the cache. */
export const LINE: i32 = 16;

// Scratch memory: addresses of a tile's pixels, one tile half transformed.
export const HALF: usize = 4 * POSITIONS;
export const TILE_SCRATCH: usize = HALF + 16 * POSITIONS;

// The map that is cut into tiles.
let map: usize = 0;
let height: i32 = 0;
let width: i32 = 0;
export let channels: i32 = 0;
let dilation: i32 = 0;
let corners: usize = 0;
let perImage: i32 = 0;
export let firstTile: i32 = 0;
/** How many arguments `readTiles` takes. */
export const TILES: i32 = 8;

/**
 * Arguments, from the first: the map [batch, height, width, channels], height, width, channels, dilation, the corners of one
 * image's tiles (int32 y, x) and how many they are; the tile, counted over all images, with which the job begins.
 */
export function readTiles(args: usize): void {
  map = pointerArg(args, 0);
  height = intArg(args, 1);
  width = intArg(args, 2);
  channels = intArg(args, 3);
  dilation = intArg(args, 4);
  corners = pointerArg(args, 5);
  perImage = intArg(args, 6);
  firstTile = intArg(args, 7);
}

/** Addresses of a tile's pixels, `side` x `side` from `before` before its corner on; 0 outside the image. */
export function findPixels(tile: i32, side: i32, before: i32, addresses: usize): void {
  const corner = corners + ((<usize>(tile % perImage)) << 3);
  const top = load<i32>(corner) - before * dilation;
  const left = load<i32>(corner, 4) - before * dilation;
  const image = (tile / perImage) * height;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const y = top + i * dilation;
      const x = left + j * dilation;
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      const pixel = (<usize>((image + y) * width + x) * <usize>channels) << 2;
      store<usize>(at(addresses, i * side + j), inside ? map + pixel : 0);
    }
}

/** Four channels of a pixel, `offset` bytes from the first. */
function pixel(addresses: usize, index: i32, offset: usize): v128 {
  const address = load<usize>(at(addresses, index));
  return address === 0 ? f32x4.splat(0) : v128.load(address + offset);
}

/** Where the pixel is inside the image. */
export function putPixel(addresses: usize, index: i32, offset: usize, value: v128): void {
  const address = load<usize>(at(addresses, index));
  if (address !== 0) v128.store(address + offset, value);
}

/**
 * Task: some tiles of an input, transformed. Arguments: the tiles; then how many there are, how many a task takes, where they
 * go, and how many values lie between two tiles, between two lines of 16 channels, and between two positions; channels
 * per task.
 */
export function winogradInput(task: i32, args: usize, scratch: usize): void {
  transformTiles(task, args, scratch, SIDE, 1);
}

/** Likewise for the gradient of a result, whose tiles are of 4x4 pixels. */
export function winogradGradient(task: i32, args: usize, scratch: usize): void {
  transformTiles(task, args, scratch, TILE, 0);
}

/** @param side of what is transformed: SIDE for an input, TILE for a gradient */
function transformTiles(task: i32, args: usize, scratch: usize, side: i32, before: i32): void {
  readTiles(args);
  const perTask = intArg(args, TILES + 1);
  const to = pointerArg(args, TILES + 2);
  const tileStep = intArg(args, TILES + 3);
  const lineStep = (<usize>intArg(args, TILES + 4)) << 2;
  const step = (<usize>intArg(args, TILES + 5)) << 2;
  const channelsPerTask = intArg(args, TILES + 6);
  const tiles = intArg(args, TILES);
  const blocks = (tiles + perTask - 1) / perTask;
  const begin = (task % blocks) * perTask;
  const firstChannel = (task / blocks) * channelsPerTask;
  const lastOffset = (<usize>min(channels, firstChannel + channelsPerTask)) << 2;
  for (let t = begin; t < min(tiles, begin + perTask); t++) {
    findPixels(firstTile + t, side, before, scratch);
    const first = at(to, t * tileStep);
    for (let offset: usize = (<usize>firstChannel) << 2; offset < lastOffset; offset += 16) {
      const target = first + (offset >> 6) * lineStep + (offset & 63);
      if (side === SIDE) inputPart(scratch, offset, target, step);
      else gradientPart(scratch, offset, target, step);
    }
  }
}

/** Four channels of a tile of an input. */
function inputPart(scratch: usize, offset: usize, target: usize, step: usize): void {
  const half = scratch + HALF;
  for (let j = 0; j < SIDE; j++)
    fromInput(
      pixel(scratch, j, offset),
      pixel(scratch, SIDE + j, offset),
      pixel(scratch, 2 * SIDE + j, offset),
      pixel(scratch, 3 * SIDE + j, offset),
      pixel(scratch, 4 * SIDE + j, offset),
      pixel(scratch, 5 * SIDE + j, offset),
      half + ((<usize>j) << 4),
      16 * SIDE,
    );
  for (let i = 0; i < SIDE; i++) {
    const d = half + <usize>(16 * SIDE * i);
    fromInput(
      v128.load(d),
      v128.load(d, 16),
      v128.load(d, 32),
      v128.load(d, 48),
      v128.load(d, 64),
      v128.load(d, 80),
      target + <usize>(SIDE * i) * step,
      step,
    );
  }
}

/** Four channels of a tile of a gradient. */
function gradientPart(scratch: usize, offset: usize, target: usize, step: usize): void {
  const half = scratch + HALF;
  for (let j = 0; j < TILE; j++)
    fromGradient(
      pixel(scratch, j, offset),
      pixel(scratch, TILE + j, offset),
      pixel(scratch, 2 * TILE + j, offset),
      pixel(scratch, 3 * TILE + j, offset),
      half + ((<usize>j) << 4),
      16 * TILE,
    );
  for (let i = 0; i < SIDE; i++) {
    const d = half + <usize>(16 * TILE * i);
    fromGradient(
      v128.load(d),
      v128.load(d, 16),
      v128.load(d, 32),
      v128.load(d, 48),
      target + <usize>(SIDE * i) * step,
      step,
    );
  }
}
