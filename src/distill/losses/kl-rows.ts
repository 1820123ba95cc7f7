import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';

/**
 * KL(softmax(target / T) || softmax(learner / T)) of every row of [P,C], [P]. The target receives a gradient only if it is
 * `attached`, which takes longer and more memory.
 */
export function klOfRows(
  { tf, ops }: Engine,
  learner: Tensor2D,
  target: Tensor2D,
  { temperature, attached = false }: { temperature: number; attached?: boolean | undefined },
): Tensor1D {
  if (!attached) return ops.klRows(learner, target, temperature);
  const p = ops.logSoftmax(tf.div<Tensor2D>(target, temperature));
  const q = ops.logSoftmax(tf.div<Tensor2D>(learner, temperature));
  return tf.sum<Tensor1D>(tf.mul(tf.exp(p), tf.sub(p, q)), 1);
}
