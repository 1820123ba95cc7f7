import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';

type Save = (tensors: Tensor[]) => void;

interface CustomGradientEngine {
  runKernelFunc(call: {
    forwardFunc: (backend: unknown, save: Save) => Tensor | Tensor[];
    backwardsFunc: (dy: Tensor | Tensor[], saved: Tensor[]) => Record<string, () => Tensor>;
    inputs: Record<string, Tensor>;
  }): Tensor | Tensor[];
}

/**
 * `tf.customGrad` with one gradient function per input, called only for inputs that lie on the way to a variable.
 * tf.customGrad itself computes all of them, so that every first convolution would pay for the gradient of its image.
 * `backward` is called once per pass; work shared by several inputs belongs there and not into the functions it
 * returns, whose temporaries are freed one by one.
 */
export function differentiable<T extends Tensor>(
  tf: Tf,
  inputs: Tensor[],
  forward: (save: Save) => T,
  backward: (dy: T, saved: Tensor[]) => Array<() => Tensor>,
): T {
  // Private in the type declarations, but what tf.customGrad and every operation go through.
  const engine = tf.engine() as unknown as CustomGradientEngine;
  return engine.runKernelFunc({
    forwardFunc: (_backend, save) => forward(save),
    backwardsFunc: (dy, saved) =>
      Object.fromEntries(backward((Array.isArray(dy) ? dy[0] : dy) as T, saved).map((f, i) => [`${i}`, f])),
    inputs: Object.fromEntries(inputs.map((t, i) => [`${i}`, t])),
  }) as T;
}

/** Whether what is computed now goes on a tape. */
export function recordsGradient(tf: Tf): boolean {
  return (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn();
}
