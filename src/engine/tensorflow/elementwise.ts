import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { RawOperations } from './raw';

type ElementwiseKernels = Pick<Kernels, 'reluGrad' | 'sgdStep'>;

export function tensorflowElementwise(tf: Tf, raw: RawOperations): ElementwiseKernels {
  return {
    reluGrad: (dy, y) => raw.run('ReluGrad', [dy, y]),

    sgdStep(weight, gradient, velocity, { lr, momentum, weightDecay }) {
      tf.tidy(() => {
        const parts = [tf.mul(velocity, momentum), gradient];
        if (weightDecay !== 0) parts.push(tf.mul(weight, weightDecay));
        const next = tf.addN(parts);
        velocity.assign(next);
        weight.assign(tf.sub(weight, tf.mul(next, lr)));
      });
    },
  };
}
