import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { classMasks } from './label-masks';
import { normaliseRows } from './normalise';

/** What keeps the mean of a class that an image does not show defined; of the source. */
const EPSILON = 1e-6;

/**
 * Intra-class feature variation distillation: how similar each position is to the mean of its class in its image (cosine)
 * should be as for the teacher; mean over N*h*w of the squared difference. Ignored positions count 0. The student's means
 * receive a gradient too, the teacher none. Channel counts may differ.
 * Source: Wang et al. 2020, Intra-class Feature Variation Distillation for Semantic Segmentation, Eq. 2-5; CIRKD,
 * losses/ifvd.py.
 * @param student features [N,h,w,Ds]
 * @param teacher features [N,h,w,Dt]
 * @param labels int32 [N,H,W], -1 = ignore
 */
export function ifvd(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  labels: Tensor3D,
  { classes }: { classes: number },
): Scalar {
  const { tf } = engine;
  return tf.tidy(() => {
    const masks = classMasks(engine, labels, [student.shape[1], student.shape[2]], classes);
    const counts = tf.add(tf.expandDims(tf.sum(masks, 1), 2), EPSILON);
    const variation = (features: Tensor4D): Tensor2D => {
      const [n, h, w, channels] = features.shape;
      const rows = tf.reshape(features, [n, h * w, channels]) as Tensor3D;
      const means = tf.div<Tensor3D>(tf.matMul(masks, rows, true), counts);
      const centres = tf.matMul(masks, means);
      return tf.sum(tf.mul(normaliseRows(tf, rows), normaliseRows(tf, centres)), 2);
    };
    // The centre of an ignored position is zero, and so is its cosine: for both networks alike.
    return tf.mean<Scalar>(tf.square(tf.sub(variation(student), variation(detach(tf, teacher)))));
  });
}
