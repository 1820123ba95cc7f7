import type { Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { normaliseRows } from './normalise';

/**
 * SKD's pair-wise distillation: the similarity of every two positions of an image should be the teacher's. Features are
 * max-pooled (2x2, stride 2, ceil) and normalised per position; with A = F F^T of the M positions that are left, the mean
 * over N*M*M of (A_student - A_teacher)^2. Channel counts may differ; the teacher receives no gradient.
 * Source: Liu et al. 2019, Structured Knowledge Distillation for Semantic Segmentation, Eq. 2-3; CIRKD, losses/skd.py.
 * @param student features [N,h,w,Ds]
 * @param teacher features [N,h,w,Dt]
 */
export function skdPairwise(engine: Engine, student: Tensor4D, teacher: Tensor4D): Scalar {
  const { tf, ops } = engine;
  const similarities = (features: Tensor4D): Tensor3D => {
    const pooled = ops.maxPool(features, 2, 2, 0, true);
    const [n, h, w, channels] = pooled.shape;
    const rows = normaliseRows(tf, tf.reshape(pooled, [n, h * w, channels]) as Tensor3D);
    return tf.matMul(rows, rows, false, true);
  };
  return tf.tidy(() =>
    tf.mean<Scalar>(tf.square(tf.sub(similarities(student), similarities(detach(tf, teacher))))),
  );
}
