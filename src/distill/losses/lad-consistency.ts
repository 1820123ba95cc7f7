import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { cwd } from './cwd';

/**
 * LAD's dual-path consistency of the teacher in training: D(z1, sg(z2)) + D(z2, sg(z1)), D = channel-wise
 * distillation. Each path is pulled to the other, which is held fixed, so both receive a gradient.
 * Source: LAD, train_baseline.py of the released code (temperature 4, weight 5).
 * @param path1 main logits of the first noised view, [N,h,w,C]
 * @param path2 of the second
 */
export function ladConsistency(
  engine: Engine,
  path1: Tensor4D,
  path2: Tensor4D,
  options: { temperature: number },
): Scalar {
  return engine.tf.tidy(() =>
    engine.tf.add<Scalar>(cwd(engine, path1, path2, options), cwd(engine, path2, path1, options)),
  );
}
