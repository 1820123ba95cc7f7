import type { Scalar, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { normaliseRows } from './normalise';

/**
 * DIST: class probabilities should correlate with the teacher's, not equal them. `inter`, per pixel over the classes, and
 * `intra`, per class over all pixels of the batch: 1 - mean Pearson correlation; inter * A + intra * B. Ignored pixels are
 * included. A row without variance (probabilities all alike) correlates with nothing. With two classes `inter` can only be
 * 0 or 2 per pixel and teaches nothing. The teacher receives no gradient.
 * Source: Huang et al. 2022, Knowledge Distillation from a Stronger Teacher, Eq. 6-9 (both weights 1 for segmentation).
 * @param student logits [N,h,w,C]
 * @param teacher the same shape
 */
export function dist(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  { inter, intra, temperature }: { inter: number; intra: number; temperature: number },
): Scalar {
  const { tf, ops } = engine;
  const classes = student.shape[3];
  const probabilities = (logits: Tensor4D) =>
    tf.exp(ops.logSoftmax(tf.div<Tensor2D>(tf.reshape(logits, [-1, classes]), temperature)));
  return tf.tidy(() => {
    const s = probabilities(student);
    const t = probabilities(detach(tf, teacher));
    const value = tf.add<Scalar>(
      tf.mul(distance(engine, s, t), inter),
      tf.mul(distance(engine, tf.transpose(s), tf.transpose(t)), intra),
    );
    return tf.mul<Scalar>(value, temperature ** 2);
  });
}

/** 1 - mean Pearson correlation of the rows. */
function distance({ tf }: Engine, a: Tensor2D, b: Tensor2D): Scalar {
  const standard = (x: Tensor2D) => normaliseRows(tf, tf.sub<Tensor2D>(x, tf.mean(x, 1, true)));
  const correlations = tf.sum<Tensor1D>(tf.mul(standard(a), standard(b)), 1);
  return tf.sub<Scalar>(1, tf.mean(correlations));
}
