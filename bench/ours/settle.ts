import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../src/engine/engine';
import type { Segmenter } from '../../src/nn/segmenter';

/** PyTorch's batch-norm momentum: one training pass moves the running statistics a tenth of the way. */
const MOMENTUM = 0.1;

/**
 * Gives a network with fresh weights the running statistics of a batch, so that it can be used frozen: with the
 * statistics it starts with, activations would grow from layer to layer, and losses would say nothing.
 */
export function settleStatistics({ tf }: Engine, network: Segmenter, images: Tensor4D): void {
  tf.tidy(() => {
    network.forward(images, { batchNorm: 'train', dropout: null });
    for (const [name, { variable }] of network.weights) {
      const initial = name.endsWith('running_mean') ? 0 : name.endsWith('running_var') ? 1 : undefined;
      if (initial === undefined) continue;
      const moved = tf.div(tf.sub(variable, initial * (1 - MOMENTUM)), MOMENTUM);
      variable.assign(initial === 1 ? tf.maximum(moved, 1e-3) : moved);
    }
  });
}
