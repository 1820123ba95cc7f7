import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import { backwards, convolvedSize, forwards, geometryArgs, type Meeting } from './geometry';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';
import type { Winograd } from './winograd';

type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/** The columns of packed right operands come in panels of so many. */
const PANEL = 8;
/** Below this number of columns, packing the left operand costs as much as the product. */
const LEAST_COLUMNS = 64;
/** More tasks than threads, so that none waits long for the last one. */
const TASKS_PER_THREAD = 4;

/**
 * Convolution and both gradients as products of packed matrices: patches of the image times the filter, patches of the
 * output gradient times the turned filter, and patches of the image, transposed, times the output gradient.
 */
export function wasmConv(heap: WasmHeap, threads: Threads, winograd: Winograd): ConvKernels {
  const block = threads.constant('BLOCK');
  const filterBlock = threads.constant('FILTER_BLOCK');
  const packRows = threads.constant('PACK_ROWS');
  const at = (t: Tensor4D) => heap.pointer(t);
  const panels = (columns: number) => Math.ceil(columns / PANEL);

  /** A matrix of `depth` rows in panels, by as many tasks as `kernel` wants. */
  const packed = (kernel: 'packRows' | 'packTransposed', from: Tensor4D, depth: number, columns: number) => {
    const to = heap.alloc<Tensor4D>([panels(columns), depth, PANEL, 1]);
    if (kernel === 'packRows')
      threads.run(kernel, Math.ceil(depth / packRows), at(from), at(to), depth, columns);
    else {
      const [kh, kw, cin, cout] = from.shape;
      threads.run(kernel, kh * kw * panels(cin), at(from), at(to), kh * kw, cin, cout);
    }
    return to;
  };

  /** Splits the columns, too, where the rows alone do not keep all threads at work. */
  const columnsPerTask = (columns: number, blocks: number): number => {
    let perTask = panels(columns) * PANEL;
    while (
      perTask > LEAST_COLUMNS &&
      blocks * Math.ceil(columns / perTask) < TASKS_PER_THREAD * threads.count
    )
      perTask = panels(perTask / 2) * PANEL;
    return perTask;
  };

  /** Sums over taps and source channels; takes over `right`. */
  const product = (
    source: Tensor4D,
    right: Tensor4D,
    shape: number[],
    taps: number[],
    m: Meeting,
  ): Tensor4D => {
    const [n, h, w, columns] = shape as [number, number, number, number];
    const out = heap.alloc<Tensor4D>(shape);
    const blocks = Math.ceil((n * h * w) / block);
    const perTask = columnsPerTask(columns, blocks);
    threads.run(
      'convProduct',
      blocks * Math.ceil(columns / perTask),
      ...geometryArgs(source, at(source), [h, w], taps, m),
      ...[at(right), at(out), columns, perTask],
    );
    right.dispose();
    return out;
  };

  return {
    conv(x, filter, g) {
      const [kh, kw, cin, cout] = filter.shape;
      const shape = [x.shape[0], ...convolvedSize(x, filter, g), cout];
      const right = packed('packRows', filter, kh * kw * cin, cout);
      if (winograd.fits(x.shape, filter.shape, g))
        return winograd.product(x, right, shape, g.dilation, false);
      return product(x, right, shape, [kh, kw], {
        up: g.stride,
        step: g.dilation,
        base: -g.padding,
        down: 1,
      });
    },

    convInputGrad(dy, filter, inputShape, g) {
      const [kh, kw, cin, cout] = filter.shape;
      const right = packed('packTransposed', filter, kh * kw * cout, cin);
      if (winograd.fits(dy.shape, filter.shape, g))
        return winograd.product(dy, right, inputShape, g.dilation, true);
      return product(dy, right, inputShape, [kh, kw], backwards(g));
    },

    convFilterGrad(x, dy, filterShape, g) {
      if (winograd.fits(x.shape, filterShape, g))
        return winograd.filterGradient(x, dy, filterShape, g.dilation);
      const [n, h, w, columns] = dy.shape;
      const [kh, kw, cin] = filterShape;
      const right = packed('packRows', dy, n * h * w, columns);
      const out = heap.alloc<Tensor4D>(filterShape);
      const blocks = kh * kw * Math.ceil(cin / filterBlock);
      const perTask = columnsPerTask(columns, blocks);
      threads.run(
        'convFilterGrad',
        blocks * Math.ceil(columns / perTask),
        ...geometryArgs(x, at(x), [h, w], [kh, kw], forwards(g)),
        ...[at(right), at(out), columns, perTask],
      );
      right.dispose();
      return out;
    },
  };
}
