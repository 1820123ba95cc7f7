import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import { makeWeights } from './make-weights';
import { describeNetwork, resolveSpec, type SegmenterChoice } from './networks';
import { runGraph } from './run-graph';
import type { Segmenter } from './segmenter';
import { alignsCorners } from './spec';

/**
 * Builds a segmenter with fresh weights drawn from `random`: the same spec and stream state give the same network.
 * The caller disposes of it. What `choice` leaves open is as published.
 * Errors: config-invalid for a network that cannot be built.
 */
export function buildSegmenter(engine: Engine, choice: SegmenterChoice, random: RandomStream): Segmenter {
  const { tf } = engine;
  const spec = resolveSpec(choice);
  const network = describeNetwork(spec);
  const { values, outputs } = network;
  const weights = makeWeights(engine, values, random);
  const parts = { engine, weights };
  const all = [outputs.logits, outputs.features, ...outputs.aux.map(({ logits }) => logits)];

  return {
    spec,
    network,
    weights,
    forward(x, options) {
      const [logits, features, ...aux] = tf.tidy(() => runGraph(parts, values, all, x, options));
      return {
        logits: logits!,
        features: features!,
        alignCorners: alignsCorners(spec),
        aux: outputs.aux.map((output, i) => ({ ...output, logits: aux[i]! })),
      };
    },
    predict: (x) =>
      tf.tidy(() => {
        const options = { batchNorm: 'frozen', dropout: null } as const;
        return runGraph(parts, values, [outputs.logits], x, options)[0]!;
      }),
    parameterCount() {
      let count = 0;
      for (const { variable, trainable } of weights.values()) if (trainable) count += variable.size;
      return count;
    },
    dispose() {
      for (const { variable } of weights.values()) variable.dispose();
    },
  };
}
