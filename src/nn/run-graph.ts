import type { Tensor1D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { FrozenNorm, NormAfter } from '../engine/ops/kernels';
import type { RandomStream } from '../engine/random';
import { DistillError } from '../protocol/errors';
import { type Block, findBlocks } from './blocks';
import type { Value } from './graph';
import type { Weight } from './make-weights';
import type { BatchNormOperation, ConvOperation, Operation } from './operations';

export interface ForwardOptions {
  /**
   * `train`: batch statistics, running statistics updated. `batch`: batch statistics, running ones untouched.
   * `frozen`: running statistics. An argument of each pass, not a state of the network.
   */
  batchNorm: 'train' | 'batch' | 'frozen';
  /** Random stream of the dropout masks; null: no dropout (evaluation, teacher). */
  dropout: RandomStream | null;
}

/** PyTorch's defaults: running = (1 - momentum) * running + momentum * batch. */
const BN_MOMENTUM = 0.1;
const BN_EPSILON = 1e-5;

export interface Parts {
  engine: Engine;
  weights: ReadonlyMap<string, Weight>;
}

/**
 * Computes the wanted values of a graph, and what they are made of, from `x`. Every other map is freed after its last
 * use; where a gradient is recorded, the tape keeps what it will need.
 * @returns the wanted values in their order, owned by the caller's scope
 */
export function runGraph(
  parts: Parts,
  values: readonly Value[],
  wanted: readonly Value[],
  x: Tensor4D,
  options: ForwardOptions,
): Tensor4D[] {
  const uses = countUses(wanted);
  const blocks = findBlocks(values, uses);
  const made = new Map<Value, Tensor4D>();
  for (const value of values) {
    if (!uses.has(value) || blocks.inner.has(value)) continue;
    const block = blocks.byLast.get(value);
    const sources = block?.inputs ?? value.inputs;
    const inputs = sources.map((input) => made.get(input)!);
    // A value of its own even where nothing is done, so that freeing one does not free another.
    if (value.operation.kind === 'input') made.set(value, x.clone());
    else
      made.set(
        value,
        block ? computeBlock(parts, block, inputs, options) : compute(parts, value, inputs, options),
      );
    for (const input of sources) {
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left > 0) continue;
      made.get(input)!.dispose();
      made.delete(input);
    }
  }
  return wanted.map((value) => made.get(value)!);
}

/** How often each value is needed; wanted ones once more than they are used. Values that nobody needs are not in it. */
function countUses(wanted: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  const need = (value: Value) => {
    const before = uses.get(value);
    uses.set(value, (before ?? 0) + 1);
    if (before === undefined) value.inputs.forEach(need);
  };
  wanted.forEach(need);
  return uses;
}

function compute(parts: Parts, { operation }: Value, inputs: Tensor4D[], options: ForwardOptions): Tensor4D {
  const { tf, ops } = parts.engine;
  const [x, second] = inputs as [Tensor4D, Tensor4D];
  switch (operation.kind) {
    case 'input':
      throw new RangeError('An input is given, not computed.');
    case 'conv':
      return conv(parts, operation, x);
    case 'batchNorm':
      throw new RangeError('A batch norm is computed as a block.');
    case 'relu':
      return ops.relu(x);
    case 'relu6':
      return tf.clipByValue(x, 0, 6);
    case 'maxPool':
      return ops.maxPool(x, operation.size, operation.stride, operation.padding);
    case 'avgPool':
      return ops.avgPool(x, operation);
    case 'adaptivePool':
      return ops.adaptiveAvgPool(x, operation.bins);
    case 'resize':
      return operation.method === 'nearest'
        ? ops.resizeNearest(x, [second.shape[1], second.shape[2]])
        : ops.resizeBilinear(x, [second.shape[1], second.shape[2]], operation.alignCorners);
    case 'upsample': {
      const { factor } = operation;
      return ops.resizeBilinear(x, [factor * x.shape[1], factor * x.shape[2]], false);
    }
    case 'add':
      return inputs.reduce((sum, y) => tf.add<Tensor4D>(sum, y));
    case 'multiply':
      return tf.mul<Tensor4D>(x, second);
    case 'scale':
      return tf.mul<Tensor4D>(x, operation.factor);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'softmax':
      return softmax(parts.engine, x, operation.over);
    case 'matMul':
      return matMul(parts.engine, x, second, operation.transpose);
    case 'concat':
      return tf.concat<Tensor4D>(inputs, 3);
    case 'dropout':
      return options.dropout ? dropout(parts.engine, operation, x, options.dropout) : x.clone();
    default:
      return operation satisfies never;
  }
}

function conv({ engine, weights }: Parts, operation: ConvOperation, x: Tensor4D): Tensor4D {
  const { tf, ops } = engine;
  const { name, depthwise, bias } = operation;
  const filter = weights.get(`${name}.weight`)!.variable as unknown as Tensor4D;
  const y = depthwise ? ops.depthwiseConv2d(x, filter, operation) : ops.conv2d(x, filter, operation);
  return bias ? tf.add<Tensor4D>(y, weights.get(`${name}.bias`)!.variable) : y;
}

function computeBlock(
  parts: Parts,
  { conv: convolution, norm, relu }: Block,
  [x, added]: Tensor4D[],
  { batchNorm: mode }: ForwardOptions,
): Tensor4D {
  const { tf, ops } = parts.engine;
  const after = { added, relu };
  if (mode === 'frozen' && convolution && !convolution.depthwise) {
    const filter = parts.weights.get(`${convolution.name}.weight`)!.variable as unknown as Tensor4D;
    return ops.convNormFrozen(x!, filter, convolution, frozenNorm(parts, norm), after);
  }
  const convolved = convolution ? conv(parts, convolution, x!) : x!;
  const y =
    mode === 'frozen'
      ? normalisedFrozen(parts, norm, convolved, after)
      : normalised(parts, norm, convolved, mode, after);
  if (convolution) tf.dispose(convolved);
  return y;
}

function frozenNorm({ weights }: Parts, { name }: BatchNormOperation): FrozenNorm {
  const vector = (part: string) => weights.get(`${name}.${part}`)!.variable as unknown as Tensor1D;
  return {
    gamma: vector('weight'),
    beta: vector('bias'),
    mean: vector('running_mean'),
    variance: vector('running_var'),
    epsilon: BN_EPSILON,
  };
}

function normalisedFrozen(
  parts: Parts,
  norm: BatchNormOperation,
  x: Tensor4D,
  { added, relu }: NormAfter,
): Tensor4D {
  const { tf, ops } = parts.engine;
  const { gamma, beta, mean, variance, epsilon } = frozenNorm(parts, norm);
  return tf.tidy(() => {
    const y = ops.batchNormFrozen(x, gamma, beta, mean, variance, epsilon);
    const sum = added ? tf.add<Tensor4D>(y, added) : y;
    return relu ? ops.relu(sum) : sum;
  });
}

/** With the statistics of the batch. */
function normalised(
  { engine: { tf, ops }, weights }: Parts,
  { name }: BatchNormOperation,
  x: Tensor4D,
  mode: 'train' | 'batch',
  after: NormAfter,
): Tensor4D {
  const variable = (part: string): Variable => weights.get(`${name}.${part}`)!.variable;
  const vector = (part: string) => variable(part) as unknown as Tensor1D;
  const [n, h, w] = x.shape;
  if (n * h * w < 2)
    throw new DistillError('usage', 'Batch norm has a single value per channel, which has no variance.', {
      where: name,
      remedy: 'Train with a batch of at least 2 images: the image-level pooling branch has one pixel each.',
    });
  return tf.tidy(() => {
    const { y, batch } = ops.batchNormTrain(x, vector('weight'), vector('bias'), BN_EPSILON, after);
    if (batch && mode === 'train')
      ops.blend(
        [
          { target: variable('running_mean'), value: batch.mean },
          { target: variable('running_var'), value: batch.variance },
        ],
        BN_MOMENTUM,
      );
    return y;
  });
}

function softmax({ tf }: Engine, x: Tensor4D, over: 'channels' | 'positions'): Tensor4D {
  if (over === 'channels') return tf.softmax(x);
  return tf.tidy(() => {
    const byChannel = tf.transpose(positions(tf, x), [0, 2, 1]);
    return tf.reshape(tf.transpose(tf.softmax(byChannel), [0, 2, 1]), x.shape);
  });
}

function matMul(
  { tf }: Engine,
  a: Tensor4D,
  b: Tensor4D,
  transpose: Extract<Operation, { kind: 'matMul' }>['transpose'],
): Tensor4D {
  return tf.tidy(() => {
    const product = tf.matMul(
      positions(tf, a),
      positions(tf, b),
      transpose === 'first',
      transpose === 'second',
    );
    const [n, rows, columns] = product.shape as [number, number, number];
    const [height, width] = transpose === 'first' ? [rows, 1] : [a.shape[1], a.shape[2]];
    return tf.reshape(product, [n, height, width, columns]) as Tensor4D;
  });
}

/** A map as one matrix of positions x channels per image. */
function positions(tf: Engine['tf'], x: Tensor4D): Tensor3D {
  const [n, h, w, c] = x.shape;
  return tf.reshape(x, [n, h * w, c]) as Tensor3D;
}

function dropout(
  { tf }: Engine,
  { rate, channels }: { rate: number; channels: boolean },
  x: Tensor4D,
  random: RandomStream,
): Tensor4D {
  const [n, h, w, c] = x.shape;
  const shape: [number, number, number, number] = channels ? [n, 1, 1, c] : [n, h, w, c];
  const mask = random.fillMask(new Float32Array(shape.reduce((a, b) => a * b)), rate);
  return tf.tidy(() => tf.mul<Tensor4D>(x, tf.tensor4d(mask, shape)));
}
