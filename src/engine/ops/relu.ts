import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { differentiable } from './differentiable';
import type { Kernels } from './kernels';

/** See `Ops.relu`. The gradient needs the output alone, so that the input's memory can be freed. */
export function relu(tf: Tf, kernels: Kernels, x: Tensor4D): Tensor4D {
  return differentiable(
    tf,
    [x],
    (save) => {
      const y = tf.relu(x);
      save([y]);
      return y;
    },
    (dy, saved) => [() => kernels.reluGrad(dy, saved[0] as Tensor4D)],
  );
}
