import type { Scalar, Tensor3D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';

/** Pixels of a label map that carry a class: float 0/1, [N,H,W]; labels int32, -1 = ignore. */
export function validMask({ tf }: Engine, labels: Tensor3D): Tensor3D {
  return tf.tidy(() => tf.cast(tf.greaterEqual<Tensor3D>(labels, tf.scalar(0, 'int32')), 'float32'));
}

/**
 * What a weighted sum over pixels is divided by. `valid`: the number of labelled pixels. `all`: N*H*W, ignored pixels
 * included. `weights`: the sum of the weights over labelled pixels.
 */
export type MapReduction = 'valid' | 'all' | 'weights';

/**
 * A loss map as one number: sum(map * weights) over the reduction's denominator; weights default to 1. Ignored pixels
 * must be 0 in the map. Where nothing counts (a batch of ignored pixels only, an empty mask) the result is 0 with a
 * zero gradient, not NaN.
 * @param map [N,H,W]
 * @param labels int32 [N,H,W], -1 = ignore
 * @param weights [N,H,W], without gradient
 */
export function reduceMap(
  engine: Engine,
  map: Tensor3D,
  labels: Tensor3D,
  reduction: MapReduction,
  weights?: Tensor3D,
): Scalar {
  const { tf } = engine;
  return tf.tidy(() => {
    const total = tf.sum<Scalar>(weights ? tf.mul(map, weights) : map);
    if (reduction === 'all') return tf.div<Scalar>(total, map.size);
    const valid = validMask(engine, labels);
    const denominator = tf.sum(reduction === 'weights' && weights ? tf.mul(valid, weights) : valid);
    const empty = tf.cast(tf.equal(denominator, 0), 'float32');
    return tf.div<Scalar>(total, tf.add(denominator, empty));
  });
}
