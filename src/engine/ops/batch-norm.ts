import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from './check';
import { differentiable } from './differentiable';
import type { Kernels, NormAfter } from './kernels';
import type { BatchNormResult } from './ops';
import { relu } from './relu';

/** See `Ops.batchNormTrain`. */
export function batchNormTrain(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
  after?: NormAfter,
): BatchNormResult {
  const count = x.shape[0] * x.shape[1] * x.shape[2];
  if (count < 2)
    refuse(
      'batchNormTrain',
      `one value per channel ([${x.shape}]) has no variance`,
      'Use a batch of at least two images or larger crops.',
    );
  if (kernels.fusedNorm)
    return fused(tf, kernels.fusedNorm, x, gamma, beta, epsilon, after ?? { relu: false });
  const result = alone(tf, kernels, x, gamma, beta, epsilon);
  if (!after) return result;
  const { added } = after;
  const sum = added ? tf.add<Tensor4D>(result.y, added) : result.y;
  return { ...result, y: after.relu ? relu(tf, kernels, sum) : sum };
}

/** Of the batch, taken out of the scope of a forward function. */
class Statistics {
  readonly #tf: Tf;
  #mean: Tensor1D | undefined;
  #variance: Tensor1D | undefined;

  constructor(tf: Tf) {
    this.#tf = tf;
  }

  keep({ mean, variance }: { mean: Tensor1D; variance: Tensor1D }): void {
    this.#mean = this.#tf.keep(mean);
    this.#variance = this.#tf.keep(variance);
  }

  get batch(): { mean: Tensor1D; variance: Tensor1D } {
    return { mean: handOver(this.#tf, this.#mean!), variance: handOver(this.#tf, this.#variance!) };
  }
}

function alone(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
): BatchNormResult {
  const statistics = new Statistics(tf);
  const y = differentiable(
    tf,
    [x, gamma, beta],
    (save) => {
      const out = kernels.normTrain(x, gamma, beta, epsilon);
      save([x, gamma, ...out.saved]);
      statistics.keep(out);
      return out.y;
    },
    (dy, saved) => {
      const [sx, sg, ...rest] = saved as [Tensor4D, Tensor1D, ...Tensor[]];
      const grad = kernels.normTrainGrad(dy, sx, sg, rest, epsilon);
      return [() => grad.x, () => grad.gamma, () => grad.beta];
    },
  );
  return { y, batch: statistics.batch };
}

/** With what follows it. Of the maps, only x and (for ReLU) y are kept for the gradient, which the next layer keeps anyway. */
function fused(
  tf: Tf,
  norm: NonNullable<Kernels['fusedNorm']>,
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
  after: NormAfter,
): BatchNormResult {
  const statistics = new Statistics(tf);
  const { added, relu } = after;
  const y = differentiable(
    tf,
    added ? [x, gamma, beta, added] : [x, gamma, beta],
    (save) => {
      const out = norm.train(x, gamma, beta, epsilon, after);
      save(relu ? [x, gamma, ...out.saved, out.y] : [x, gamma, ...out.saved]);
      statistics.keep(out);
      return out.y;
    },
    (dy, saved) => {
      const [sx, sg, ...rest] = saved as [Tensor4D, Tensor1D, ...Tensor[]];
      const sy = relu ? (rest.pop() as Tensor4D) : null;
      const grad = norm.trainGrad(dy, sy, sx, sg, rest, added !== undefined);
      return [() => grad.x, () => grad.gamma, () => grad.beta, ...(added ? [() => grad.added!] : [])];
    },
  );
  return { y, batch: statistics.batch };
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
