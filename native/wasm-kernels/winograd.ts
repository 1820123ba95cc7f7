import { at, intArg, pointerArg } from './memory';
import { COLUMNS, ROWS, rowsTile, tile } from './product';
import {
  channels,
  findPixels,
  firstTile,
  HALF,
  LINE,
  POSITIONS,
  putPixel,
  readTiles,
  SIDE,
  TILE,
  TILE_SCRATCH,
  TILES,
} from './winograd-tiles';
import {
  fromTaps,
  resultAt0,
  resultAt1,
  resultAt2,
  resultAt3,
  tapAt0,
  tapAt1,
  tapAt2,
} from './winograd-transforms';

// 3x3 convolutions of stride 1, padded by their dilation, by Winograd's minimal filtering. A dilated one is one of
// dilation 1 on each of the sub-images of every d-th pixel. The result is cut into tiles of 4x4 pixels, which see 6x6 of
// the input; both become 36 values ("positions") per channel, and at each position the convolution is a matrix product.

/** Steps of a sum at a time, and panels of columns: so much of the transformed filters is in memory. */
const DEPTH: i32 = 128;
const AT_ONCE: i32 = 2;
/** Bytes that keep what is written to or read from at the same time out of the same places of the cache. */
const APART: usize = 64;
/** Products of a task at each position: at most so many rows times columns, and so many columns. */
export const WINOGRAD_PRODUCTS: i32 = 2048;
export const WINOGRAD_COLUMNS: i32 = 64;

// Scratch memory behind that of tiles: products, filters.
const PRODUCTS: usize = TILE_SCRATCH;
const FILTERS: usize = PRODUCTS + POSITIONS * (4 * WINOGRAD_PRODUCTS + APART);
export const WINOGRAD_SCRATCH: i32 = <i32>(FILTERS + POSITIONS * (4 * DEPTH * AT_ONCE * COLUMNS + APART));

/**
 * Task: products of some transformed tiles with some filters, and back into the result. Arguments: the tiles of the
 * result; how many there are, how many a task takes; the transformed input, values between two tiles and between two positions
 * (tiles there are padded to a multiple of 4); its channels; the filters in panels of 8 columns, [panel][9][channels][8]; whether
 * their taps come in reverse; columns per task (a multiple of 8).
 */
export function winogradProduct(task: i32, args: usize, scratch: usize): void {
  readTiles(args);
  const count = intArg(args, TILES);
  const perTask = intArg(args, TILES + 1);
  const input = pointerArg(args, TILES + 2);
  const tileStep = (<usize>intArg(args, TILES + 3)) << 2;
  const step = (<usize>intArg(args, TILES + 4)) << 2;
  const depth = intArg(args, TILES + 5);
  const filters = pointerArg(args, TILES + 6);
  const reverse = intArg(args, TILES + 7) !== 0;
  const columnsPerTask = intArg(args, TILES + 8);
  const blocks = (count + perTask - 1) / perTask;
  const first = (task % blocks) * perTask;
  const tiles = min(perTask, count - first);
  const rows = (tiles + ROWS - 1) & ~(ROWS - 1);
  const firstColumn = (task / blocks) * columnsPerTask;
  const columns = min(columnsPerTask, channels - firstColumn);
  const panels = (columns + COLUMNS - 1) / COLUMNS;
  const products = scratch + PRODUCTS;
  const productRow = (<usize>(panels * COLUMNS)) << 2;
  const productStep = <usize>rows * productRow + APART;
  const tapSize = (<usize>(depth * COLUMNS)) << 2;
  const source = input + <usize>first * tileStep;

  for (let k = 0; k < depth; k += DEPTH) {
    const some = min(DEPTH, depth - k);
    const panelSize = (<usize>(some * COLUMNS)) << 2;
    const filterStep = panelSize * AT_ONCE + APART;
    for (let begin = 0; begin < panels; begin += AT_ONCE) {
      const end = min(panels, begin + AT_ONCE);
      for (let p = begin; p < end; p++) {
        const taps =
          filters + <usize>(firstColumn / COLUMNS + p) * 9 * tapSize + ((<usize>(k * COLUMNS)) << 2);
        transformFilters(
          reverse ? taps + 8 * tapSize : taps,
          reverse ? 0 - tapSize : tapSize,
          panelSize,
          scratch + FILTERS + <usize>(p - begin) * panelSize,
          filterStep,
          scratch + HALF,
        );
      }
      for (let position: usize = 0; position < <usize>POSITIONS; position++)
        for (let p = begin; p < end; p++) {
          const right = scratch + FILTERS + position * filterStep + <usize>(p - begin) * panelSize;
          let left = at(source + position * step, k);
          let to = products + position * productStep + ((<usize>(p * COLUMNS)) << 2);
          for (let t = 0; t < rows; t += ROWS) {
            rowsTile(left, tileStep, right, some, to, productRow, k > 0);
            left += <usize>ROWS * tileStep;
            to += <usize>ROWS * productRow;
          }
        }
    }
  }
  for (let t = 0; t < tiles; t++) {
    findPixels(firstTile + first + t, TILE, 0, scratch);
    fromProducts(products + <usize>t * productRow, productStep, firstColumn, columns, scratch);
  }
}

/** Filters, each of nine taps -> 36 values each; `size` bytes of each. */
function transformFilters(
  taps: usize,
  tapStep: usize,
  size: usize,
  to: usize,
  step: usize,
  half: usize,
): void {
  for (let offset: usize = 0; offset < size; offset += 16) {
    let from = taps + offset;
    for (let j = 0; j < 3; j++) {
      fromTaps(
        v128.load(from),
        v128.load(from + 3 * tapStep),
        v128.load(from + 6 * tapStep),
        half + ((<usize>j) << 4),
        48,
      );
      from += tapStep;
    }
    let target = to + offset;
    for (let i = 0; i < SIDE; i++) {
      const t = half + <usize>(48 * i);
      fromTaps(v128.load(t), v128.load(t, 16), v128.load(t, 32), target, step);
      target += SIDE * step;
    }
  }
}

/** The products of one tile -> some channels of its pixels. */
function fromProducts(products: usize, step: usize, firstColumn: i32, columns: i32, scratch: usize): void {
  const half = scratch + HALF;
  for (let c: usize = 0; c < (<usize>columns) << 2; c += 16) {
    for (let j = 0; j < SIDE; j++) {
      const from = products + c + <usize>j * step;
      const m0 = v128.load(from);
      const m1 = v128.load(from + 6 * step);
      const m2 = v128.load(from + 12 * step);
      const m3 = v128.load(from + 18 * step);
      const m4 = v128.load(from + 24 * step);
      const m5 = v128.load(from + 30 * step);
      const to = half + ((<usize>j) << 4);
      v128.store(to, resultAt0(m0, m1, m2, m3, m4));
      v128.store(to, resultAt1(m1, m2, m3, m4), 96);
      v128.store(to, resultAt2(m1, m2, m3, m4), 192);
      v128.store(to, resultAt3(m1, m2, m3, m4, m5), 288);
    }
    const offset = ((<usize>firstColumn) << 2) + c;
    for (let i = 0; i < TILE; i++) {
      const from = half + <usize>(16 * SIDE * i);
      const m0 = v128.load(from);
      const m1 = v128.load(from, 16);
      const m2 = v128.load(from, 32);
      const m3 = v128.load(from, 48);
      const m4 = v128.load(from, 64);
      const m5 = v128.load(from, 80);
      putPixel(scratch, TILE * i, offset, resultAt0(m0, m1, m2, m3, m4));
      putPixel(scratch, TILE * i + 1, offset, resultAt1(m1, m2, m3, m4));
      putPixel(scratch, TILE * i + 2, offset, resultAt2(m1, m2, m3, m4));
      putPixel(scratch, TILE * i + 3, offset, resultAt3(m1, m2, m3, m4, m5));
    }
  }
}

/**
 * Task: what some tiles give to the gradient of some filters. Arguments: the transformed input in lines of 16 channels,
 * [36][channels / 16][tiles][16], and values between two positions; the same of the transformed gradient; how many tiles; the result [9][channels][columns], channels,
 * columns, channels and columns per task (multiples of 4 and 8), and whether to add to what is there.
 */
export function winogradFilterGrad(task: i32, args: usize, scratch: usize): void {
  const input = pointerArg(args, 0);
  const inputStep = (<usize>intArg(args, 1)) << 2;
  const gradient = pointerArg(args, 2);
  const gradientStep = (<usize>intArg(args, 3)) << 2;
  const tiles = intArg(args, 4);
  const result = pointerArg(args, 5);
  const depth = intArg(args, 6);
  const columns = intArg(args, 7);
  const rowsPerTask = intArg(args, 8);
  const columnsPerTask = intArg(args, 9);
  const add = intArg(args, 10) !== 0;
  const blocks = (depth + rowsPerTask - 1) / rowsPerTask;
  const firstRow = (task % blocks) * rowsPerTask;
  const rows = min(rowsPerTask, depth - firstRow);
  const firstColumn = (task / blocks) * columnsPerTask;
  const some = min(columnsPerTask, columns - firstColumn);
  const products = scratch + PRODUCTS;
  const productRow = (<usize>some) << 2;
  const productStep = <usize>rows * productRow + APART;
  for (let position: usize = 0; position < <usize>POSITIONS; position++) {
    const left = input + position * inputStep;
    const right = gradient + position * gradientStep;
    for (let first = 0; first < tiles; first += DEPTH)
      for (let j = 0; j < some; j += COLUMNS)
        for (let k = 0; k < rows; k += ROWS)
          tile(
            lineOf(left, first, tiles, firstRow + k),
            4 * LINE,
            lineOf(right, first, tiles, firstColumn + j),
            4 * LINE,
            min(DEPTH, tiles - first),
            at(products + position * productStep + <usize>k * productRow, j),
            productRow,
            first > 0,
          );
  }
  const tapStep = (<usize>(depth * columns)) << 2;
  for (let k = 0; k < rows; k++)
    for (let j = 0; j < some; j += 4)
      toTaps(
        at(products + <usize>k * productRow, j),
        productStep,
        at(result, (firstRow + k) * columns + firstColumn + j),
        tapStep,
        add,
        scratch + HALF,
      );
}

/** Where channel `c` of a tile begins in lines of channels. */
function lineOf(lines: usize, tile: i32, tiles: i32, c: i32): usize {
  return at(lines, ((c / LINE) * tiles + tile) * LINE + (c % LINE));
}

/** 36 products, `step` bytes apart -> nine taps. */
function toTaps(products: usize, step: usize, to: usize, tapStep: usize, add: bool, half: usize): void {
  for (let j = 0; j < SIDE; j++) {
    const from = products + <usize>j * step;
    const p0 = v128.load(from);
    const p1 = v128.load(from + 6 * step);
    const p2 = v128.load(from + 12 * step);
    const p3 = v128.load(from + 18 * step);
    const p4 = v128.load(from + 24 * step);
    const p5 = v128.load(from + 30 * step);
    const target = half + ((<usize>j) << 4);
    v128.store(target, tapAt0(p0, p1, p2, p3, p4));
    v128.store(target, tapAt1(p1, p2, p3, p4), 96);
    v128.store(target, tapAt2(p1, p2, p3, p4, p5), 192);
  }
  for (let i = 0; i < 3; i++) {
    const from = half + <usize>(16 * SIDE * i);
    const p0 = v128.load(from);
    const p1 = v128.load(from, 16);
    const p2 = v128.load(from, 32);
    const p3 = v128.load(from, 48);
    const p4 = v128.load(from, 64);
    const p5 = v128.load(from, 80);
    putTap(to, tapAt0(p0, p1, p2, p3, p4), add);
    putTap(to + tapStep, tapAt1(p1, p2, p3, p4), add);
    putTap(to + 2 * tapStep, tapAt2(p1, p2, p3, p4, p5), add);
    to += 3 * tapStep;
  }
}

function putTap(to: usize, value: v128, add: bool): void {
  v128.store(to, add ? f32x4.add(v128.load(to), value) : value);
}
