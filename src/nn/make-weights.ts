import type { Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import type { Value } from './graph';
import {
  type BatchNormOperation,
  type ConvOperation,
  type Operation,
  type WeightShape,
  weightShapes,
} from './operations';

export interface Weight {
  variable: Variable;
  /** false: running statistics of batch norm. */
  trainable: boolean;
  /** A filter of a depthwise convolution, [kh,kw,C,1]: its shape does not tell. */
  depthwise: boolean;
}

/** Fresh weights of a network by PyTorch name, drawn in the order of its values. */
export function makeWeights(
  { tf }: Engine,
  values: readonly Value[],
  random: RandomStream,
): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const { operation, inputs, channels } of values)
    for (const weight of weightShapes(operation, inputs[0]?.channels ?? 0, channels)) {
      const { name, shape, trainable, depthwise } = weight;
      const data = initialValues(operation, weight, random);
      const variable = tf.tidy(() => tf.variable(tf.tensor(data, [...shape])));
      weights.set(name, { variable, trainable, depthwise });
    }
  return weights;
}

function initialValues(operation: Operation, weight: WeightShape, random: RandomStream): Float32Array {
  switch (operation.kind) {
    case 'conv':
      return weight.shape.length === 4 ? filter(operation, weight, random) : bias(operation, weight, random);
    case 'batchNorm':
      return statistics(operation, weight);
    default:
      throw new RangeError(`An operation of kind ${operation.kind} has no weights.`);
  }
}

function filter(
  { init, extraInputs }: ConvOperation,
  weight: WeightShape,
  random: RandomStream,
): Float32Array {
  const { shape, depthwise, fanIn } = weight;
  const [kh, kw, from, to] = shape as [number, number, number, number];
  // PyTorch counts the outputs of a depthwise filter as those of the whole layer.
  const fanOut = (depthwise ? from : to) * kh * kw;
  const bound = 1 / Math.sqrt(fanIn);
  const draw = {
    'fan-out': () => Math.sqrt(2 / fanOut) * random.normal(),
    'fan-in': () => bound * random.normal(),
    default: () => (2 * random.uniform() - 1) * bound,
    classifier: () => 0.01 * random.normal(),
  }[init];
  const extra = () => 0.1 * random.normal();
  return Float32Array.from({ length: kh * kw * from * to }, (_, i) =>
    Math.floor(i / to) % from < from - extraInputs ? draw() : extra(),
  );
}

function bias({ init }: ConvOperation, { shape, fanIn }: WeightShape, random: RandomStream): Float32Array {
  const values = new Float32Array(shape[0]!);
  if (init !== 'default') return values;
  const bound = 1 / Math.sqrt(fanIn);
  return values.map(() => (2 * random.uniform() - 1) * bound);
}

function statistics({ name, zero }: BatchNormOperation, weight: WeightShape): Float32Array {
  const ones = weight.name === `${name}.running_var` || (weight.name === `${name}.weight` && !zero);
  return new Float32Array(weight.shape[0]!).fill(ones ? 1 : 0);
}
