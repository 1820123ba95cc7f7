import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';

/** A 1x1 convolution without bias, from the student's channels to the teacher's: filter [1,1,Ds,Dt]. */
export function adapt({ ops }: Engine, features: Tensor4D, adapter: Tensor4D | undefined): Tensor4D {
  return adapter ? ops.conv2d(features, adapter, { stride: 1, dilation: 1, padding: 0 }) : features;
}

/**
 * FitNet's hint: the mean squared difference of the features, over all elements, the student's brought to the teacher's
 * channels by an adapter that is trained with it. The teacher receives no gradient.
 * Source: Romero et al. 2015, FitNets, Eq. 3; CIRKD, losses/fitnet.py.
 * @param student features [N,h,w,Ds]
 * @param teacher features [N,h,w,Dt]
 * @param options.adapter [1,1,Ds,Dt]; not needed where Ds = Dt
 */
export function fitnet(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { adapter?: Tensor4D } = {},
): Scalar {
  const { tf } = engine;
  return tf.tidy(() =>
    tf.mean<Scalar>(tf.square(tf.sub(adapt(engine, student, options.adapter), detach(tf, teacher)))),
  );
}
