import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine';
import { differentiable } from '../../engine/ops/differentiable';

/** Lengths below this count as none; PyTorch divides by it instead. */
const LEAST = 1e-12;

/**
 * Vectors of length 1 along the last axis, as `torch.nn.functional.normalize`. A vector of zeros stays one and receives no
 * gradient, where PyTorch's is finite but arbitrarily large.
 */
export function normaliseRows<T extends Tensor>(tf: Tf, x: T): T {
  return differentiable(
    tf,
    [x],
    (save) => {
      const length = tf.sqrt(tf.sum(tf.square(x), -1, true));
      const scale = tf.where(tf.greater(length, LEAST), tf.reciprocal(tf.maximum(length, LEAST)), 0);
      const y = tf.mul<T>(x, scale);
      save([y, scale]);
      return y;
    },
    (dy, [y, scale]) => [() => tf.mul(tf.sub(dy, tf.mul(y!, tf.sum(tf.mul(dy, y!), -1, true))), scale!)],
  );
}
