import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { adapt } from './fitnet';
import { klOfRows } from './kl-rows';

/**
 * Channel-wise distillation of logits or features: every channel is a distribution over the positions of its image,
 * T^2 / (N*C) * sum over images and channels of KL(softmax_p(teacher / T) || softmax_p(student / T)), C = channels of the
 * student before its adapter, as in CIRKD.
 * Source: Shu et al. 2021, Eq. 3-4; CIRKD, losses/cwd.py (which takes the log of a softmax; here log-softmax, equal
 * but without underflow). The teacher receives no gradient unless `attached`.
 * @param student [N,h,w,Ds]
 * @param teacher [N,h,w,Dt]
 * @param options.adapter filter [1,1,Ds,Dt] of a 1x1 convolution, trained with the student; not needed where Ds = Dt
 */
export function cwd(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { temperature: number; adapter?: Tensor4D; attached?: boolean },
): Scalar {
  const { tf } = engine;
  const { temperature, adapter, attached } = options;
  const channelRows = (x: Tensor4D) => {
    const [n, h, w, c] = x.shape;
    return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [n * c, h * w]) as Tensor2D;
  };
  const [n, , , channels] = student.shape;
  return tf.tidy(() => {
    const taken = channelRows(adapt(engine, student, adapter));
    const rows = klOfRows(engine, taken, channelRows(teacher), { temperature, attached });
    return tf.mul<Scalar>(tf.sum(rows), temperature ** 2 / (n * channels));
  });
}
