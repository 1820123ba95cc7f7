import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { cwd } from './cwd';
import { detach } from './detach';
import { kd } from './kd';

/**
 * `cwd`: channel-wise distillation (the released code). `kl`: Kullback-Leibler divergence of the class probabilities per
 * pixel. `squared`: sum over classes of the squared difference of the probabilities, mean over pixels, at temperature 1.
 */
export type ConsistencyDistance = 'cwd' | 'kl' | 'squared';

export interface ConsistencyOptions {
  temperature: number;
  /** Default `cwd`. */
  distance?: ConsistencyDistance;
  /** Both directions are added up; else the first path follows the second. Default true. */
  symmetric?: boolean;
  /** The path that is followed is held fixed. Default true. */
  detachTarget?: boolean;
}

/**
 * LAD's dual-path consistency of the teacher in training: D(z1, sg(z2)) + D(z2, sg(z1)), D = channel-wise
 * distillation. Each path is pulled to the other, which is held fixed, so both receive a gradient.
 * Source: LAD, train_baseline.py of the released code (temperature 4, weight 5).
 * @param path1 main logits of the first noised view, [N,h,w,C]
 * @param path2 of the second
 */
export function ladConsistency(
  engine: Engine,
  path1: Tensor4D,
  path2: Tensor4D,
  options: ConsistencyOptions,
): Scalar {
  const { temperature, distance = 'cwd', symmetric = true, detachTarget = true } = options;
  const { tf } = engine;
  const attached = !detachTarget;
  const towards = (learner: Tensor4D, target: Tensor4D): Scalar => {
    switch (distance) {
      case 'cwd':
        return cwd(engine, learner, target, { temperature, attached });
      case 'kl':
        return kd(engine, learner, target, { temperature, attached });
      case 'squared':
        return squared(engine, learner, attached ? target : detach(tf, target));
    }
    return distance satisfies never;
  };
  return tf.tidy(() =>
    symmetric ? tf.add<Scalar>(towards(path1, path2), towards(path2, path1)) : towards(path1, path2),
  );
}

function squared({ tf, ops }: Engine, a: Tensor4D, b: Tensor4D): Scalar {
  const probabilities = (z: Tensor4D) => tf.exp(ops.logSoftmax(z));
  return tf.mean<Scalar>(tf.sum(tf.square(tf.sub(probabilities(a), probabilities(b))), 3));
}
