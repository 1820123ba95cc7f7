import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';
import type { SimdKernels } from './simd';

type ElementwiseKernels = Pick<Kernels, 'reluGrad' | 'sgdStep'>;

export function wasmElementwise(tf: Tf, heap: WasmHeap, simd: SimdKernels): ElementwiseKernels {
  return {
    // The backend's own step and product are vectorised: two passes of theirs beat one loop here.
    reluGrad: (dy, y) => tf.mul(dy, tf.step(y)) as Tensor4D,

    sgdStep(weight, gradient, velocity, { lr, momentum, weightDecay }) {
      // Both results go into new memory: the old may be shared with a clone, and the backend keeps packed copies of
      // filters by the identity of their memory.
      const nextWeight = heap.alloc(weight.shape);
      const nextVelocity = heap.alloc(velocity.shape);
      const pointers = [weight, gradient, velocity, nextWeight, nextVelocity].map((t) => heap.pointer(t));
      const [w, g, m, toWeight, toVelocity] = pointers as [number, number, number, number, number];
      simd.sgdStep(w, g, m, toWeight, toVelocity, weight.size, lr, momentum, weightDecay);
      weight.assign(nextWeight);
      velocity.assign(nextVelocity);
      nextWeight.dispose();
      nextVelocity.dispose();
    },
  };
}
