import type { NamedTensorMap, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import { storedTensor } from './adapter';
import type { StoredArray } from './method';

const EPSILON = 1e-8;

interface Moments {
  first: Variable;
  second: Variable;
}

/** Adam as `torch.optim.Adam` has it, without weight decay. */
export class Adam {
  /** Steps taken; to be saved and restored with the moments. */
  steps = 0;
  readonly #engine: Engine;
  readonly #weights: ReadonlyMap<string, Variable>;
  readonly #moments: ReadonlyMap<string, Moments>;
  readonly #options: { lr: number; betas: readonly [number, number] };

  constructor(
    engine: Engine,
    weights: ReadonlyMap<string, Variable>,
    options: { lr: number; betas: readonly [number, number] },
  ) {
    const { tf } = engine;
    const zeros = ({ shape }: Variable) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.#engine = engine;
    this.#weights = weights;
    this.#options = options;
    this.#moments = new Map(
      [...weights].map(([name, weight]) => [name, { first: zeros(weight), second: zeros(weight) }]),
    );
  }

  /** One step in place; `gradients` by variable name. */
  apply(gradients: NamedTensorMap): void {
    const { tf } = this.#engine;
    const {
      lr,
      betas: [beta1, beta2],
    } = this.#options;
    this.steps++;
    const rate = lr / (1 - beta1 ** this.steps);
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    tf.tidy(() => {
      for (const [name, weight] of this.#weights) {
        const g = gradients[weight.name];
        if (!g) continue;
        const { first, second } = this.#moments.get(name)!;
        first.assign(tf.add(tf.mul(first, beta1), tf.mul(g, 1 - beta1)));
        second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2)));
        const scale = tf.add(tf.div(tf.sqrt(second), correction), EPSILON);
        weight.assign(tf.sub(weight, tf.mul(tf.div(first, scale), rate)));
      }
    });
  }

  /** The moments for checkpoints. */
  arrays(): [string, StoredArray][] {
    return [...this.#moments].flatMap(([name, { first, second }]): [string, StoredArray][] => [
      [`adam/${name}/first`, storedTensor(this.#engine, first)],
      [`adam/${name}/second`, storedTensor(this.#engine, second)],
    ]);
  }

  dispose(): void {
    for (const { first, second } of this.#moments.values()) {
      first.dispose();
      second.dispose();
    }
  }
}
