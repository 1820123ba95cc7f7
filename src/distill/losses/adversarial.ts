import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';

/**
 * Hinge loss of a discriminator that is to tell the teacher's logits (above 1) from the student's (below -1):
 * mean(relu(1 - D(teacher))) + mean(relu(1 + D(student))).
 * Source: CIRKD, losses/adv.py (hinge); SAGAN, Eq. 4.
 * @param student scores of the student's logits, any shape
 * @param teacher scores of the teacher's
 */
export function hingeDiscriminator({ tf, ops }: Engine, student: Tensor4D, teacher: Tensor4D): Scalar {
  return tf.tidy(() =>
    tf.add<Scalar>(
      tf.mean(ops.relu(tf.sub<Tensor4D>(1, teacher))),
      tf.mean(ops.relu(tf.add<Tensor4D>(student, 1))),
    ),
  );
}

/** What the student is to raise: -mean(D(student)). Source as above. */
export function hingeGenerator({ tf }: Engine, student: Tensor4D): Scalar {
  return tf.tidy(() => tf.neg(tf.mean<Scalar>(student)));
}
