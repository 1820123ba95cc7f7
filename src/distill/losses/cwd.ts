import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';

/**
 * Channel-wise distillation: every channel is a distribution over the positions of its image,
 * T^2 / (N*C) * sum over images and channels of KL(softmax_p(teacher / T) || softmax_p(student / T)).
 * Source: Shu et al. 2021, Eq. 3-4; CIRKD, losses/cwd.py (which takes the log of a softmax; here log-softmax, equal
 * but without underflow). The teacher receives no gradient.
 * @param student [N,h,w,C]
 * @param teacher the same shape
 */
export function cwd(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { temperature: number },
): Scalar {
  const { tf, ops } = engine;
  const channelRows = (x: Tensor4D) => {
    const [n, h, w, c] = x.shape;
    return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [n * c, h * w]) as Tensor2D;
  };
  return tf.tidy(() => {
    const rows = ops.klRows(channelRows(student), channelRows(teacher), options.temperature);
    return tf.mul<Scalar>(tf.mean(rows), options.temperature ** 2);
  });
}
