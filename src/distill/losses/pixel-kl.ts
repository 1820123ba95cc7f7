import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';

/** Inside the logarithm of the source. */
const EPSILON = 1e-5;

/**
 * The pixel-wise KL that the student script of LAD has as a disabled alternative to channel-wise distillation: mean over
 * pixels of sum_c p * log((p + 1e-5) / (q + 1e-5)), p and q softmax of teacher and student at the temperature, without the
 * usual factor T^2. The teacher receives no gradient.
 * Source: LAD, student script of the released code (temperature 4).
 * @param student logits [N,h,w,C]
 * @param teacher the same shape
 */
export function pixelKl(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  { temperature }: { temperature: number },
): Scalar {
  const { tf, ops } = engine;
  const probabilities = (z: Tensor4D) => tf.exp(ops.logSoftmax(tf.div<Tensor4D>(z, temperature)));
  return tf.tidy(() => {
    const p = probabilities(detach(tf, teacher));
    const q = probabilities(student);
    const ratio = tf.sub(tf.log(tf.add(p, EPSILON)), tf.log(tf.add(q, EPSILON)));
    return tf.mean<Scalar>(tf.sum(tf.mul(p, ratio), 3));
  });
}
