import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { klOfRows } from './kl-rows';

export interface KdOptions {
  temperature: number;
  /**
   * Which of the two is the reference: KL(teacher || student), as everywhere in code, or KL(student || teacher), as Eq. 2
   * of the RDD paper is printed. Default `teacher-student`.
   */
  direction?: 'teacher-student' | 'student-teacher' | undefined;
  /** Whether the teacher receives a gradient, too: two networks that learn from each other. */
  attached?: boolean | undefined;
}

/**
 * Knowledge distillation of class probabilities per pixel, at the resolution of the logits, ignored pixels included:
 * T^2 / (N*h*w) * sum over pixels of KL(softmax(teacher / T) || softmax(student / T)).
 * Source: Hinton et al. 2015; CIRKD, losses/kd.py. The teacher receives no gradient.
 * @param student [N,h,w,C]
 * @param teacher the same shape
 */
export function kd(engine: Engine, student: Tensor4D, teacher: Tensor4D, options: KdOptions): Scalar {
  const { tf } = engine;
  const { temperature, direction = 'teacher-student', attached = false } = options;
  const classes = student.shape[3];
  const rows = (x: Tensor4D) => tf.reshape(x, [-1, classes]) as Tensor2D;
  return tf.tidy(() => {
    const s = rows(student);
    const t = rows(attached ? teacher : detach(tf, teacher));
    const divergence =
      direction === 'teacher-student'
        ? klOfRows(engine, s, t, { temperature, attached })
        : klOfRows(engine, t, s, { temperature, attached: true });
    return tf.mul<Scalar>(tf.mean(divergence), temperature ** 2);
  });
}
