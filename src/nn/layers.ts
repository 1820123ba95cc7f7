import type { Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import { DistillError } from '../protocol/errors';
import type { ForwardOptions, Weight } from './segmenter';

/**
 * Layers as functions of a tensor. Making a layer draws its weights and enters them, under its PyTorch name, into the
 * `weights` of the network under construction; the order of making is the order of the weights and of the draws.
 */
export interface Construction {
  engine: Engine;
  random: RandomStream;
  weights: Map<string, Weight>;
}

export type Layer = (x: Tensor4D, options: ForwardOptions) => Tensor4D;

/** PyTorch's defaults: running = (1 - momentum) * running + momentum * batch. */
const BN_MOMENTUM = 0.1;
const BN_EPSILON = 1e-5;

export interface ConvOptions {
  from: number;
  to: number;
  kernel: 1 | 3;
  stride?: number;
  /** Padding is `dilation` for 3x3 kernels and 0 for 1x1: the size stays, but for the stride. */
  dilation?: number;
  bias?: boolean;
  /**
   * `fan-out`: Kaiming normal, mode fan_out, gain sqrt(2), as the backbones set it. `default`: what PyTorch gives a
   * convolution nobody initialises, uniform in +-1/sqrt(fan_in) for weight and bias alike.
   */
  init: 'fan-out' | 'default';
  /**
   * Input channels beyond the third, drawn from N(0, 0.1^2) whatever `init` says: how LAD's released code widens the
   * first convolution for the label channel (models/base_models/resnet.py).
   */
  extraInputs?: number;
}

/** Weights `<name>.weight` [kernel, kernel, from, to] and, with `bias`, `<name>.bias` [to]. */
export function conv(construction: Construction, name: string, options: ConvOptions): Layer {
  const { engine, random, weights } = construction;
  const { tf, ops } = engine;
  const { from, to, kernel, stride = 1, dilation = 1, init, extraInputs = 0 } = options;
  const taps = kernel * kernel;
  const bound = 1 / Math.sqrt(from * taps);
  const uniform = () => (2 * random.uniform() - 1) * bound;
  const fanOutStd = Math.sqrt(2 / (to * taps));

  const values = new Float32Array(taps * from * to);
  for (let i = 0; i < values.length; i++) {
    const input = Math.floor(i / to) % from;
    if (input >= from - extraInputs) values[i] = 0.1 * random.normal();
    else values[i] = init === 'fan-out' ? fanOutStd * random.normal() : uniform();
  }
  const filter = tf.tidy(() => tf.variable(tf.tensor4d(values, [kernel, kernel, from, to])));
  weights.set(`${name}.weight`, { variable: filter, trainable: true });
  const geometry = { stride, dilation, padding: kernel === 1 ? 0 : dilation };

  if (!options.bias) return (x) => ops.conv2d(x, filter as unknown as Tensor4D, geometry);
  const bias = vector(engine, Float32Array.from({ length: to }, uniform));
  weights.set(`${name}.bias`, { variable: bias, trainable: true });
  return (x) => tf.add<Tensor4D>(ops.conv2d(x, filter as unknown as Tensor4D, geometry), bias);
}

/** Batch norm over [N,H,W,channels]: `<name>.weight`, `.bias`, `.running_mean`, `.running_var`. */
export function batchNorm(construction: Construction, name: string, channels: number): Layer {
  const { engine, weights } = construction;
  const { tf, ops } = engine;
  const filled = (value: number) => vector(engine, new Float32Array(channels).fill(value));
  const gamma = filled(1);
  const beta = filled(0);
  const mean = filled(0);
  const variance = filled(1);
  weights.set(`${name}.weight`, { variable: gamma, trainable: true });
  weights.set(`${name}.bias`, { variable: beta, trainable: true });
  weights.set(`${name}.running_mean`, { variable: mean, trainable: false });
  weights.set(`${name}.running_var`, { variable: variance, trainable: false });
  const as1D = (v: Variable) => v as unknown as Tensor1D;
  const track = (running: Variable, batch: Tensor1D) =>
    tf.tidy(() =>
      running.assign(tf.add(tf.mul(running, 1 - BN_MOMENTUM), tf.mul(batch, BN_MOMENTUM)) as typeof running),
    );

  return (x, { batchNorm: mode }) => {
    if (mode === 'frozen')
      return ops.batchNormFrozen(x, as1D(gamma), as1D(beta), as1D(mean), as1D(variance), BN_EPSILON);
    const [n, h, w] = x.shape;
    if (n * h * w < 2)
      throw new DistillError('usage', 'Batch norm has a single value per channel, which has no variance.', {
        where: name,
        remedy: 'Train with a batch of at least 2 images: the image-level pooling branch has one pixel each.',
      });
    const { y, batch } = ops.batchNormTrain(x, as1D(gamma), as1D(beta), BN_EPSILON);
    if (batch && mode === 'train') {
      track(mean, batch.mean);
      track(variance, batch.variance);
    }
    return y;
  };
}

/** Sets each value to 0 with probability `rate` and scales the others by 1 / (1 - rate), while `options.dropout` is set. */
export function dropout({ engine: { tf } }: Construction, rate: number): Layer {
  const scale = 1 / (1 - rate);
  return (x, { dropout: random }) => {
    if (!random) return x;
    const mask = Float32Array.from({ length: x.size }, () => (random.uniform() < rate ? 0 : scale));
    return tf.tidy(() => tf.mul<Tensor4D>(x, tf.tensor4d(mask, x.shape)));
  };
}

/** Convolution, batch norm, ReLU, under the two names given. */
export function convBnRelu(
  construction: Construction,
  names: { conv: string; bn: string },
  options: ConvOptions,
): Layer {
  const { ops } = construction.engine;
  const convolve = conv(construction, names.conv, options);
  const normalise = batchNorm(construction, names.bn, options.to);
  return (x, o) => ops.relu(normalise(convolve(x, o), o));
}

/** Applies the layers one after the other. */
export function sequence(...layers: Layer[]): Layer {
  return (x, options) => layers.reduce((y, layer) => layer(y, options), x);
}

/** Averages over bins x bins regions, a layer on these, and its result spread over the map again (align corners). */
export function pooled({ engine: { ops } }: Construction, bins: number, layer: Layer): Layer {
  return (x, o) => ops.resizeBilinear(layer(ops.adaptiveAvgPool(x, bins), o), [x.shape[1], x.shape[2]], true);
}

/** A channel count at a width: a multiple of 4, at least 4; unchanged at width 1. */
export function scaledChannels(channels: number, width: number): number {
  return width === 1 ? channels : Math.max(4, 4 * Math.round((channels * width) / 4));
}

function vector({ tf }: Engine, values: Float32Array): Variable {
  return tf.tidy(() => tf.variable(tf.tensor1d(values)));
}
