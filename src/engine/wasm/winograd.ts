import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { ConvGeometry } from '../ops/ops';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';

/** Side of the tiles that results are cut into, and how many values a transformed tile has. */
const TILE = 4;
const POSITIONS = 36;
/** Rounding errors are some times those of the direct way; narrow networks, where there is little to gain, go without. */
const FEWEST_CHANNELS = 32;
/** Where tiles reach beyond the map by more than this, the direct way has less to do. */
const WASTE = 1.8;
/** Bytes of transformed tiles that exist at a time, about. */
const AT_ONCE = 4 * 2 ** 20;
const FEWEST_TILES = 32;
/** Floats of a line of the cache. */
const LINE = 16;
const TASKS_PER_THREAD = 4;
/** Smaller tasks would mostly read and write. */
const LEAST_PRODUCTS = 512;

/** Transformed tiles: 36 values ("positions") for each channel. */
interface Transformed {
  tensor: Tensor4D;
  /** Floats between two tiles, between two lines of channels, and between two positions. */
  tileStep: number;
  lineStep: number;
  step: number;
}

/**
 * 3x3 convolutions of stride 1 by Winograd's minimal filtering: a quarter of the multiplications; see
 * native/wasm-kernels/winograd.ts. Sums are made in an order that depends on the shapes alone.
 */
export class Winograd {
  readonly #tf: Tf;
  readonly #heap: WasmHeap;
  readonly #threads: Threads;

  constructor(tf: Tf, heap: WasmHeap, threads: Threads) {
    this.#tf = tf;
    this.#heap = heap;
    this.#threads = threads;
  }

  /** Whether this is a convolution for it, with a map [n, h, w, channels]. */
  fits(map: readonly number[], filter: readonly number[], g: ConvGeometry): boolean {
    const [kh, kw, from, to] = filter as [number, number, number, number];
    if (kh !== 3 || kw !== 3 || g.stride !== 1 || g.padding !== g.dilation) return false;
    if (from % 8 !== 0 || to % 8 !== 0 || Math.min(from, to) < FEWEST_CHANNELS) return false;
    const [, h, w] = map as [number, number, number];
    return corners(h, g.dilation).length * corners(w, g.dilation).length * TILE ** 2 <= WASTE * h * w;
  }

  /**
   * @param filters in panels of 8 columns, [panel][9][channels of the source][8]; taken over
   * @param reverse taps come in reverse, as for an input gradient
   */
  product(
    source: Tensor4D,
    filters: Tensor4D,
    shape: number[],
    dilation: number,
    reverse: boolean,
  ): Tensor4D {
    const [n, h, w, columns] = shape as [number, number, number, number];
    const depth = source.shape[3];
    const out = this.#heap.alloc<Tensor4D>(shape);
    const { list, perImage } = this.#corners(h, w, dilation);
    const count = n * perImage;
    const atOnce = tilesAtOnce(depth, count);
    const input = this.#asRows(atOnce, depth);
    for (let first = 0; first < count; first += atOnce) {
      const tiles = Math.min(atOnce, count - first);
      this.#transform('winogradInput', source, dilation, list, perImage, first, tiles, input);
      const task = this.#task(tiles, columns);
      this.#threads.run(
        'winogradProduct',
        task.count,
        ...[this.#heap.pointer(out), h, w, columns, dilation, this.#heap.pointer(list), perImage, first],
        ...[tiles, task.rows, this.#heap.pointer(input.tensor), input.tileStep, input.step],
        ...[depth, this.#heap.pointer(filters), reverse ? 1 : 0, task.columns],
      );
    }
    for (const t of [list, input.tensor, filters]) t.dispose();
    return out;
  }

  filterGradient(x: Tensor4D, dy: Tensor4D, shape: number[], dilation: number): Tensor4D {
    const [n, h, w, depth] = x.shape;
    const columns = dy.shape[3];
    const out = this.#heap.alloc<Tensor4D>(shape);
    const { list, perImage } = this.#corners(h, w, dilation);
    const count = n * perImage;
    const atOnce = tilesAtOnce(depth + columns, count);
    const task = this.#task(depth, columns);
    for (let first = 0; first < count; first += atOnce) {
      const tiles = Math.min(atOnce, count - first);
      const input = this.#asLines(tiles, depth);
      const gradient = this.#asLines(tiles, columns);
      this.#transform('winogradInput', x, dilation, list, perImage, first, tiles, input);
      this.#transform('winogradGradient', dy, dilation, list, perImage, first, tiles, gradient);
      this.#threads.run(
        'winogradFilterGrad',
        task.count,
        ...[this.#heap.pointer(input.tensor), input.step],
        ...[this.#heap.pointer(gradient.tensor), gradient.step, tiles],
        ...[this.#heap.pointer(out), depth, columns, task.rows, task.columns, first > 0 ? 1 : 0],
      );
      input.tensor.dispose();
      gradient.tensor.dispose();
    }
    list.dispose();
    return out;
  }

  /** How products of some rows and columns are shared out: in large pieces that still keep all threads at work. */
  #task(allRows: number, allColumns: number): { rows: number; columns: number; count: number } {
    let columns = Math.min(this.#threads.constant('WINOGRAD_COLUMNS'), allColumns);
    const most = Math.floor(this.#threads.constant('WINOGRAD_PRODUCTS') / columns / 4) * 4;
    let rows = Math.min(roundUp(allRows, 4), most);
    const count = () => Math.ceil(allRows / rows) * Math.ceil(allColumns / columns);
    while (rows * columns > LEAST_PRODUCTS && count() < TASKS_PER_THREAD * this.#threads.count)
      if (columns > rows) columns = roundUp(columns / 2, 8);
      else rows = roundUp(rows / 2, 4);
    return { rows, columns, count: count() };
  }

  #transform(
    kernel: 'winogradInput' | 'winogradGradient',
    map: Tensor4D,
    dilation: number,
    list: Tensor1D,
    perImage: number,
    first: number,
    tiles: number,
    to: Transformed,
  ): void {
    const [, h, w, channels] = map.shape;
    // So that a task writes to places that follow each other: all channels of a tile, or one line of many tiles.
    const across = to.lineStep === LINE ? channels : LINE;
    const perTask = Math.max(1, Math.floor(this.#threads.constant('PER_TASK') / (POSITIONS * across)));
    this.#threads.run(
      kernel,
      Math.ceil(tiles / perTask) * Math.ceil(channels / across),
      ...[this.#heap.pointer(map), h, w, channels, dilation, this.#heap.pointer(list), perImage, first],
      ...[tiles, perTask, this.#heap.pointer(to.tensor), to.tileStep, to.lineStep, to.step, across],
    );
  }

  /** [36][tiles][channels]: tiles are rows of products. */
  #asRows(tiles: number, channels: number): Transformed {
    const tileStep = spread(channels);
    return this.#room(roundUp(tiles, 4) * tileStep, tileStep, LINE);
  }

  /** [36][channels / 16][tiles][16]: products are sums over tiles. */
  #asLines(tiles: number, channels: number): Transformed {
    const lineStep = tiles * LINE;
    return this.#room(Math.ceil(channels / LINE) * lineStep, LINE, lineStep);
  }

  #room(size: number, tileStep: number, lineStep: number): Transformed {
    const step = spread(size);
    return { tensor: this.#heap.alloc<Tensor4D>([POSITIONS, step, 1, 1]), tileStep, lineStep, step };
  }

  #corners(h: number, w: number, dilation: number): { list: Tensor1D; perImage: number } {
    const across = corners(w, dilation);
    const pairs = corners(h, dilation).flatMap((y) => across.flatMap((x) => [y, x]));
    return { list: this.#tf.tensor1d(pairs, 'int32'), perImage: pairs.length / 2 };
  }
}

/** Where tiles begin along an axis: in each of the sub-images of every d-th pixel, every fourth. */
function corners(size: number, dilation: number): number[] {
  const list: number[] = [];
  for (let first = 0; first < Math.min(dilation, size); first++)
    for (let corner = first; corner < size; corner += TILE * dilation) list.push(corner);
  return list;
}

function tilesAtOnce(channels: number, count: number): number {
  const tiles = Math.floor(AT_ONCE / (4 * POSITIONS * channels * 4)) * 4;
  return Math.min(count, Math.max(FEWEST_TILES, tiles));
}

/** A distance of at least `n` floats at which values do not compete for the same places in the cache: an odd number of lines. */
function spread(n: number): number {
  return (Math.ceil(n / LINE) | 1) * LINE;
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
