import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';

type ElementwiseKernels = Pick<Kernels, 'reluGrad' | 'sgdStep'>;

export function wasmElementwise(tf: Tf, heap: WasmHeap): ElementwiseKernels {
  return {
    // The backend's own step and product are vectorised: two passes of theirs beat one loop here.
    reluGrad: (dy, y) => tf.mul(dy, tf.step(y)) as Tensor4D,

    sgdStep(weight, gradient, velocity, { lr, momentum, weightDecay }) {
      // Both results go into new memory: the old may be shared with a clone, and the backend keeps packed copies of
      // filters by the identity of their memory.
      const nextWeight = heap.alloc(weight.shape);
      const nextVelocity = heap.alloc(velocity.shape);
      const w = heap.f32(weight);
      const g = heap.f32(gradient);
      const m = heap.f32(velocity);
      const toWeight = heap.f32(nextWeight);
      const toVelocity = heap.f32(nextVelocity);
      for (let i = 0; i < w.length; i++) {
        const v = momentum * m[i]! + g[i]! + weightDecay * w[i]!;
        toVelocity[i] = v;
        toWeight[i] = w[i]! - lr * v;
      }
      weight.assign(nextWeight);
      velocity.assign(nextVelocity);
      nextWeight.dispose();
      nextVelocity.dispose();
    },
  };
}
