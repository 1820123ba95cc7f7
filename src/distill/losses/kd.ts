import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';

/**
 * Knowledge distillation of class probabilities per pixel, at the resolution of the logits, ignored pixels included:
 * T^2 / (N*h*w) * sum over pixels of KL(softmax(teacher / T) || softmax(student / T)).
 * Source: Hinton et al. 2015; CIRKD, losses/kd.py. The teacher receives no gradient.
 * @param student [N,h,w,C]
 * @param teacher the same shape
 */
export function kd(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { temperature: number },
): Scalar {
  const { tf, ops } = engine;
  const classes = student.shape[3];
  return tf.tidy(() => {
    const rows = ops.klRows(
      tf.reshape(student, [-1, classes]) as Tensor2D,
      tf.reshape(teacher, [-1, classes]) as Tensor2D,
      options.temperature,
    );
    return tf.mul<Scalar>(tf.mean(rows), options.temperature ** 2);
  });
}
