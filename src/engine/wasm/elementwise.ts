import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';
import type { Threads } from './threads';

type ElementwiseKernels = Pick<Kernels, 'reluGrad' | 'sgdStep'>;

export function wasmElementwise(heap: WasmHeap, threads: Threads): ElementwiseKernels {
  const perTask = threads.constant('PER_TASK');
  const at = (t: Tensor) => heap.pointer(t);
  return {
    reluGrad(dy, y) {
      const out = heap.alloc<Tensor4D>(dy.shape);
      threads.run('reluGrad', Math.ceil(dy.size / perTask), at(dy), at(y), at(out), dy.size);
      return out;
    },

    sgdStep(weight, gradient, velocity, { lr, momentum, weightDecay }) {
      // Both results go into new memory: the old may be shared with a clone.
      const nextWeight = heap.alloc(weight.shape);
      const nextVelocity = heap.alloc(velocity.shape);
      threads.run(
        'sgdStep',
        Math.ceil(weight.size / perTask),
        ...[weight, gradient, velocity, nextWeight, nextVelocity].map(at),
        ...[weight.size, lr, momentum, weightDecay],
      );
      weight.assign(nextWeight);
      velocity.assign(nextVelocity);
      nextWeight.dispose();
      nextVelocity.dispose();
    },
  };
}
