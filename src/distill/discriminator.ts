import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import { DISCRIMINATOR_BLOCKS, lastDiscriminatorSize } from '../nn/discriminator-size';
import { DistillError } from '../protocol/errors';
import { storedTensor } from './adapter';
import { detach } from './losses/detach';
import type { StoredArray } from './method';

/** Negative slope of the leaky ReLUs. */
const SLOPE = 0.1;
const NORM_EPSILON = 1e-5;
const FLOOR = 1e-12;

export interface DiscriminatorShape {
  classes: number;
  /** Of the last convolution: 4 as published. */
  lastKernel: number;
  /** Outputs of the first block, doubled by each: 64 as published. */
  channels?: number;
}

/**
 * What tells maps of logits of the teacher from those of the student: batch norm over the classes, four 4x4 convolutions of
 * stride 2 with spectral norm, self-attention after the third and the fourth, and one convolution to a score.
 * Source: Liu et al. 2019, Structured Knowledge Distillation; CIRKD, models/discriminator.py and sagan_models.py.
 */
export class Discriminator {
  /** What is trained, by PyTorch-like names. */
  readonly weights: ReadonlyMap<string, Variable>;
  /** Directions of spectral norm, one per block; they follow the weights without being trained. */
  readonly #directions: readonly Variable[];
  readonly #engine: Engine;
  readonly #shape: DiscriminatorShape;

  constructor(engine: Engine, shape: DiscriminatorShape, random: RandomStream) {
    const { tf } = engine;
    const { classes, lastKernel, channels = 64 } = shape;
    const weights = new Map<string, Variable>();
    const directions: Variable[] = [];
    const variable = (values: Float32Array, size: number[]) =>
      tf.tidy(() => tf.variable(tf.tensor(values, size), true));
    const constant = (name: string, length: number, value: number) =>
      weights.set(name, variable(new Float32Array(length).fill(value), [length]));
    /** As PyTorch gives a convolution nobody initialises. */
    const conv = (name: string, kernel: number, from: number, to: number) => {
      const bound = 1 / Math.sqrt(kernel * kernel * from);
      const draw = (count: number) =>
        Float32Array.from({ length: count }, () => (2 * random.uniform() - 1) * bound);
      weights.set(`${name}.weight`, variable(draw(kernel * kernel * from * to), [kernel, kernel, from, to]));
      weights.set(`${name}.bias`, variable(draw(to), [to]));
    };
    constant('norm.weight', classes, 1);
    constant('norm.bias', classes, 0);
    let from = classes;
    for (let block = 1; block <= DISCRIMINATOR_BLOCKS; block++) {
      const to = channels * 2 ** (block - 1);
      conv(`block${block}`, 4, from, to);
      directions.push(variable(unit(random.fillNormal(new Float32Array(to))), [to]));
      if (block >= DISCRIMINATOR_BLOCKS - 1) {
        const inner = Math.max(1, Math.floor(to / 8));
        conv(`attention${block}.query`, 1, to, inner);
        conv(`attention${block}.key`, 1, to, inner);
        conv(`attention${block}.value`, 1, to, to);
        constant(`attention${block}.gamma`, 1, 0);
      }
      from = to;
    }
    conv('last', lastKernel, from, 1);
    this.weights = weights;
    this.#directions = directions;
    this.#engine = engine;
    this.#shape = shape;
  }

  /**
   * Scores of maps of logits, [N,h',w',1]; every call moves the directions of spectral norm by one power iteration.
   * Errors: config-invalid, if the maps are too small.
   */
  scores(logits: Tensor4D): Tensor4D {
    const { tf, ops } = this.#engine;
    this.#requireSize(logits);
    return tf.tidy(() => {
      const [gamma, beta] = [this.#vector('norm.weight'), this.#vector('norm.bias')];
      let x = ops.batchNormTrain(logits, gamma, beta, NORM_EPSILON).y;
      for (let block = 1; block <= DISCRIMINATOR_BLOCKS; block++) {
        const name = `block${block}`;
        const filter = this.#spectralNorm(this.#filter(name), this.#directions[block - 1]!);
        const y = tf.add<Tensor4D>(
          ops.conv2d(x, filter, { stride: 2, dilation: 1, padding: 1 }),
          this.#vector(`${name}.bias`),
        );
        // max(y, slope * y), as a sum whose parts have gradients on every engine.
        x = tf.add<Tensor4D>(tf.mul(ops.relu(y), 1 - SLOPE), tf.mul(y, SLOPE));
        if (block >= DISCRIMINATOR_BLOCKS - 1) x = this.#attention(`attention${block}`, x);
      }
      return this.#conv('last', x);
    });
  }

  arrays(): [string, StoredArray][] {
    return [
      ...[...this.weights].map(([name, variable]): [string, StoredArray] => [
        name,
        storedTensor(this.#engine, variable),
      ]),
      ...this.#directions.map((direction, i): [string, StoredArray] => [
        `block${i + 1}.u`,
        storedTensor(this.#engine, direction),
      ]),
    ];
  }

  dispose(): void {
    for (const variable of [...this.weights.values(), ...this.#directions]) variable.dispose();
  }

  #vector(name: string): Tensor1D {
    return this.weights.get(name)! as unknown as Tensor1D;
  }

  #filter(name: string): Tensor4D {
    return this.weights.get(`${name}.weight`)! as unknown as Tensor4D;
  }

  #conv(name: string, x: Tensor4D): Tensor4D {
    const { tf, ops } = this.#engine;
    const y = ops.conv2d(x, this.#filter(name), { stride: 1, dilation: 1, padding: 0 });
    return tf.add(y, this.#vector(`${name}.bias`));
  }

  /** The filter over its largest singular value, as one power iteration sees it. The directions receive no gradient. */
  #spectralNorm(filter: Tensor4D, direction: Variable): Tensor4D {
    const { tf } = this.#engine;
    const to = filter.shape[3];
    const length = (x: Tensor2D) => tf.div<Tensor2D>(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), FLOOR));
    const matrix = tf.reshape(filter, [-1, to]) as Tensor2D;
    const fixed = detach(tf, matrix);
    const v = length(tf.matMul(fixed, tf.reshape(direction, [to, 1]) as Tensor2D));
    const u = length(tf.matMul(fixed, v, true) as Tensor2D);
    direction.assign(tf.reshape(u, [to]));
    const sigma = tf.sum(tf.mul(tf.matMul(matrix, u), v));
    return tf.div(filter, sigma);
  }

  #attention(name: string, x: Tensor4D): Tensor4D {
    const { tf } = this.#engine;
    const [n, h, w, channels] = x.shape;
    const rows = (part: string) => {
      const y = this.#conv(`${name}.${part}`, x);
      return tf.reshape(y, [n, h * w, y.shape[3]]) as Tensor3D;
    };
    const attention = tf.softmax(tf.matMul(rows('query'), rows('key'), false, true));
    const out = tf.reshape(tf.matMul(attention, rows('value')), [n, h, w, channels]);
    return tf.add<Tensor4D>(tf.mul(out, this.#vector(`${name}.gamma`)), x);
  }

  #requireSize({ shape: [, h, w] }: Tensor4D): void {
    const { lastKernel } = this.#shape;
    const last = Math.min(lastDiscriminatorSize(h), lastDiscriminatorSize(w));
    if (last >= lastKernel) return;
    throw new DistillError(
      'config-invalid',
      `Logits of ${h} x ${w} are too small for the discriminator, whose last convolution needs ${lastKernel} of the ${last} pixels that are left.`,
      {
        where: 'methods',
        remedy:
          last > 0
            ? `Use "lastKernel": ${last} in its options, or a larger crop.`
            : 'Use a larger crop, or "weight": 0 in its options for none.',
      },
    );
  }
}

/** Of length 1. */
function unit(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return values.map((v) => v / (length + FLOOR));
}
