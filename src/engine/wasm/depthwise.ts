import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import { backwards, convolvedSize, forwards, geometryArgs, type Meeting } from './geometry';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';

type DepthwiseKernels = Pick<Kernels, 'depthwise' | 'depthwiseInputGrad' | 'depthwiseFilterGrad'>;

export function wasmDepthwise(heap: WasmHeap, threads: Threads): DepthwiseKernels {
  const perTask = threads.constant('PER_TASK');
  const channelsPerTask = threads.constant('DEPTHWISE_CHANNELS');
  const at = (t: Tensor) => heap.pointer(t);

  const product = (source: Tensor4D, filter: Tensor4D, shape: number[], m: Meeting): Tensor4D => {
    const [n, h, w, c] = shape as [number, number, number, number];
    const out = heap.alloc<Tensor4D>(shape);
    const positions = Math.ceil(perTask / c);
    threads.run(
      'depthwiseProduct',
      Math.ceil((n * h * w) / positions),
      ...geometryArgs(source, at(source), [h, w], filter.shape.slice(0, 2), m),
      ...[at(filter), at(out), positions],
    );
    return out;
  };

  return {
    depthwise(x, filter, g) {
      const shape = [x.shape[0], ...convolvedSize(x, filter, g), x.shape[3]];
      return product(x, filter, shape, forwards(g));
    },

    depthwiseInputGrad: (dy, filter, inputShape, g) => product(dy, filter, inputShape, backwards(g)),

    depthwiseFilterGrad(x, dy, filterShape, g) {
      const [kh, kw, c] = filterShape;
      const out = heap.alloc<Tensor4D>(filterShape);
      threads.run(
        'depthwiseFilterGrad',
        kh * kw * Math.ceil(c / channelsPerTask),
        ...geometryArgs(x, at(x), dy.shape.slice(1, 3), [kh, kw], forwards(g)),
        ...[at(dy), at(out)],
      );
      return out;
    },
  };
}
