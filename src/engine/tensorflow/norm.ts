import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels } from '../ops/kernels';
import type { RawOperations } from './raw';

type NormKernels = Pick<Kernels, 'normTrain' | 'normTrainGrad' | 'normFrozen' | 'normFrozenGrad'>;

/** TensorFlow's fused batch norm. What it saves for the gradient differs by device and is passed on unread. */
export function tensorflowNorm(tf: Tf, raw: RawOperations): NormKernels {
  const attributes = (epsilon: number, training: boolean) => ({
    U: { type: 'float32' as const },
    epsilon: { float: epsilon },
    data_format: 'NHWC',
    is_training: training,
  });
  const gradient = (
    dy: Tensor4D,
    x: Tensor4D,
    gamma: Tensor1D,
    saved: Tensor[],
    epsilon: number,
    training: boolean,
  ) => {
    const outputs = raw.runMany(
      'FusedBatchNormGradV3',
      [dy, x, gamma, ...saved],
      5,
      attributes(epsilon, training),
    );
    tf.dispose(outputs.slice(3));
    const [dx, dGamma, dBeta] = outputs as [Tensor4D, Tensor1D, Tensor1D];
    return { x: dx, gamma: dGamma, beta: dBeta };
  };

  return {
    normTrain(x, gamma, beta, epsilon) {
      const none = tf.tensor1d([]);
      const [y, mean, variance, ...saved] = raw.runMany(
        'FusedBatchNormV3',
        [x, gamma, beta, none, none],
        6,
        attributes(epsilon, true),
      ) as [Tensor4D, Tensor1D, Tensor1D, ...Tensor[]];
      return { y, mean, variance, saved };
    },

    normTrainGrad: (dy, x, gamma, saved, epsilon) => gradient(dy, x, gamma, saved, epsilon, true),

    normFrozen(x, gamma, beta, mean, variance, epsilon) {
      const outputs = raw.runMany(
        'FusedBatchNormV3',
        [x, gamma, beta, mean, variance],
        6,
        attributes(epsilon, false),
      );
      return outputs[0] as Tensor4D;
    },

    normFrozenGrad: (dy, x, gamma, mean, variance, epsilon) =>
      gradient(dy, x, gamma, [mean, variance, tf.tensor1d([])], epsilon, false),
  };
}
