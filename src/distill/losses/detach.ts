import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine';

/**
 * The same values without a gradient: what PyTorch calls `detach`. TensorFlow.js has none, and comparisons have no
 * gradient at all there: a mask made from logits that are being trained would stop the whole backward pass.
 */
export function detach<T extends Tensor>(tf: Tf, x: T): T {
  return tf.customGrad((value) => ({
    value: tf.clone(value as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(x) as T;
}
