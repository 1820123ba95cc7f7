import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { batchNormFrozen } from './batch-norm';
import { checkConv, conv2d, seenFilter } from './conv';
import { recordsGradient } from './differentiable';
import type { FrozenNorm, Kernels, NormAfter } from './kernels';
import type { ConvGeometry } from './ops';
import { relu } from './relu';

/** See `Ops.convNormFrozen`. */
export function convNormFrozen(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  filter: Tensor4D,
  geometry: ConvGeometry,
  norm: FrozenNorm,
  after: NormAfter,
): Tensor4D {
  checkConv('convNormFrozen', x, filter, geometry);
  const { added } = after;
  return tf.tidy(() => {
    if (kernels.convNorm && !recordsGradient(tf)) {
      const seen = seenFilter(tf, x, filter, geometry);
      const y = kernels.convNorm(x, seen.filter, seen.geometry, norm, after);
      if (y) return y;
    }
    const { gamma, beta, mean, variance, epsilon } = norm;
    const convolved = conv2d(tf, kernels, x, filter, geometry);
    const normalised = batchNormFrozen(tf, kernels, convolved, gamma, beta, mean, variance, epsilon);
    const sum = added ? tf.add<Tensor4D>(normalised, added) : normalised;
    return after.relu ? relu(tf, kernels, sum) : sum;
  });
}
