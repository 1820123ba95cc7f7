import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine';
import { differentiable } from '../../engine/ops/differentiable';

/**
 * The same values, cut off from what they were made from: what PyTorch calls `detach`. TensorFlow.js has none, and
 * comparisons have no gradient at all there: a mask made from logits in training would stop the whole backward pass.
 */
export function detach<T extends Tensor>(tf: Tf, x: T): T {
  return differentiable(
    tf,
    [],
    () => tf.clone(x),
    () => [],
  );
}
