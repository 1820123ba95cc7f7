import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { normaliseRows } from './normalise';

/**
 * Attention transfer: where in the image the features are strong should be as for the teacher. With Q the mean over
 * channels of the squared features, of length 1 per image: mean over N*h*w of (Q_student - Q_teacher)^2. Channel counts
 * may differ; the teacher receives no gradient.
 * Source: Zagoruyko, Komodakis 2017, Paying More Attention to Attention, Eq. 2; CIRKD, losses/at.py, whose mean of
 * squares takes the place of the paper's norm.
 * @param student features [N,h,w,Ds]
 * @param teacher features [N,h,w,Dt]
 */
export function attentionTransfer(engine: Engine, student: Tensor4D, teacher: Tensor4D): Scalar {
  const { tf } = engine;
  return tf.tidy(() =>
    tf.mean<Scalar>(tf.square(tf.sub(attention(engine, student), attention(engine, detach(tf, teacher))))),
  );
}

/** Q of `attentionTransfer`: [N,h*w], of length 1 per image. */
export function attention({ tf }: Engine, features: Tensor4D): Tensor2D {
  const [n, h, w] = features.shape;
  return normaliseRows(tf, tf.reshape(tf.mean(tf.square(features), 3), [n, h * w]) as Tensor2D);
}
