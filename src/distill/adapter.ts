import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import { Graph, type Value } from '../nn/graph';
import { makeWeights, type Weight } from '../nn/make-weights';
import { runGraph } from '../nn/run-graph';
import type { StoredArray } from './method';

/**
 * A few layers that a method trains beside the network: what brings the student's features to the teacher's channels. They
 * are in checkpoints and never in an exported network.
 */
export class Adapter {
  readonly weights: ReadonlyMap<string, Weight>;
  readonly #engine: Engine;
  readonly #values: readonly Value[];
  readonly #output: Value;

  /** @param build adds its layers to the input and returns the last one */
  constructor(
    engine: Engine,
    channels: number,
    build: (graph: Graph, features: Value) => Value,
    random: RandomStream,
  ) {
    const graph = new Graph();
    this.#engine = engine;
    this.#output = build(graph, graph.input(channels));
    this.#values = graph.values;
    this.weights = makeWeights(engine, graph.values, random);
  }

  /** One 1x1 convolution without bias, drawn as PyTorch does. */
  static conv(engine: Engine, from: number, to: number, random: RandomStream): Adapter {
    return new Adapter(
      engine,
      from,
      (graph, features) => graph.conv(features, 'conv', { to, kernel: 1, init: 'default' }),
      random,
    );
  }

  /** The filter of `conv`, [1,1,from,to]. */
  get filter(): Tensor4D {
    return this.weights.get('conv.weight')!.variable as unknown as Tensor4D;
  }

  /** In training: batch norm with the statistics of the batch, running ones follow. */
  forward(features: Tensor4D): Tensor4D {
    const parts = { engine: this.#engine, weights: this.weights };
    const options = { batchNorm: 'train', dropout: null } as const;
    return this.#engine.tf.tidy(() => runGraph(parts, this.#values, [this.#output], features, options)[0]!);
  }

  /** For checkpoints, by the same names. */
  arrays(): Map<string, StoredArray> {
    return new Map(
      [...this.weights].map(([name, { variable }]) => [name, storedTensor(this.#engine, variable)]),
    );
  }

  dispose(): void {
    for (const { variable } of this.weights.values()) variable.dispose();
  }
}

/** A variable as checkpoints see it. */
export function storedTensor({ tf }: Engine, variable: Weight['variable']): StoredArray {
  return {
    shape: variable.shape,
    read: () => variable.dataSync<'float32'>().slice() as Float32Array,
    write: (values) => tf.tidy(() => variable.assign(tf.tensor(values, variable.shape) as typeof variable)),
  };
}
