import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from './check';
import { differentiable } from './differentiable';
import type { Kernels } from './kernels';
import type { BatchNormResult } from './ops';

/** See `Ops.batchNormTrain`. */
export function batchNormTrain(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
): BatchNormResult {
  const count = x.shape[0] * x.shape[1] * x.shape[2];
  if (count < 2)
    refuse(
      'batchNormTrain',
      `one value per channel ([${x.shape}]) has no variance`,
      'Use a batch of at least two images or larger crops.',
    );
  let mean: Tensor1D | undefined;
  let variance: Tensor1D | undefined;
  const y = differentiable(
    tf,
    [x, gamma, beta],
    (save) => {
      const out = kernels.normTrain(x, gamma, beta, epsilon);
      save([x, gamma, ...out.saved]);
      mean = tf.keep(out.mean);
      variance = tf.keep(out.variance);
      return out.y;
    },
    (dy, saved) => {
      const [sx, sg, ...rest] = saved as [Tensor4D, Tensor1D, ...Tensor[]];
      const grad = kernels.normTrainGrad(dy, sx, sg, rest, epsilon);
      return [() => grad.x, () => grad.gamma, () => grad.beta];
    },
  );
  return { y, batch: { mean: handOver(tf, mean!), variance: handOver(tf, variance!) } };
}

/** Moves a tensor kept out of an inner scope into the caller's scope, so that the caller's tidy frees it. */
function handOver(tf: Tf, kept: Tensor1D): Tensor1D {
  const owned = tf.clone(kept);
  kept.dispose();
  return owned;
}

/** See `Ops.batchNormFrozen`. */
export function batchNormFrozen(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  mean: Tensor1D,
  variance: Tensor1D,
  epsilon: number,
): Tensor4D {
  return differentiable(
    tf,
    [x, gamma, beta],
    (save) => {
      save([x, gamma, mean, variance]);
      return kernels.normFrozen(x, gamma, beta, mean, variance, epsilon);
    },
    (dy, saved) => {
      const [sx, sg, sm, sv] = saved as [Tensor4D, Tensor1D, Tensor1D, Tensor1D];
      const grad = kernels.normFrozenGrad(dy, sx, sg, sm, sv, epsilon);
      return [() => grad.x, () => grad.gamma, () => grad.beta];
    },
  );
}
