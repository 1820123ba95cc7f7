import type { NamedTensorMap, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { Weight } from '../nn/make-weights';

/**
 * SGD with momentum and weight decay as `torch.optim.SGD` has them, over all trainable weights as one group: batch-norm
 * scales and biases decay too, as in CIRKD, LAD and RDD.
 */
export class Sgd {
  /** What is optimised, by PyTorch name. */
  readonly weights: ReadonlyMap<string, Variable>;
  /** Momentum buffers by the same names; zero at first. */
  readonly velocities: ReadonlyMap<string, Variable>;
  readonly #engine: Engine;
  readonly #momentum: number;
  readonly #weightDecay: number;

  /** @param network or anything else that has weights */
  constructor(
    engine: Engine,
    network: { readonly weights: ReadonlyMap<string, Weight> },
    options: { momentum: number; weightDecay: number },
  ) {
    const { tf } = engine;
    this.#engine = engine;
    this.#momentum = options.momentum;
    this.#weightDecay = options.weightDecay;
    const trainable = [...network.weights].filter(([, weight]) => weight.trainable);
    this.weights = new Map(trainable.map(([name, { variable }]) => [name, variable]));
    this.velocities = new Map(
      trainable.map(([name, { variable }]) => [
        name,
        tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
      ]),
    );
  }

  /** One step in place. `gradients` by variable name; a weight without gradient stays as it is, as in PyTorch. */
  apply(gradients: NamedTensorMap, lr: number): void {
    const options = { lr, momentum: this.#momentum, weightDecay: this.#weightDecay };
    const updates = [...this.weights].flatMap(([name, weight]) => {
      const gradient = gradients[weight.name];
      return gradient ? [{ weight, gradient, velocity: this.velocities.get(name)! }] : [];
    });
    this.#engine.ops.sgdStep(updates, options);
  }

  dispose(): void {
    for (const velocity of this.velocities.values()) velocity.dispose();
  }
}
