import type { ConvInit, ConvOperation, Operation } from './operations';

/** What an operation gives: a map [N,h,w,channels] whose size follows from that of the images. */
export interface Value {
  /** Position in the graph; inputs always come before what is made of them. */
  readonly index: number;
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly channels: number;
}

export interface ConvOptions {
  to: number;
  kernel: number;
  stride?: number;
  dilation?: number;
  bias?: boolean;
  depthwise?: boolean;
  init: ConvInit;
  extraInputs?: number;
}

/** Names of a convolution and of the batch norm after it. */
export interface ConvBnNames {
  conv: string;
  bn: string;
}

/** Names in an `nn.Sequential`: convolution and batch norm are neighbours. */
export function inSequence(name: string, first = 0): ConvBnNames {
  return { conv: `${name}.${first}`, bn: `${name}.${first + 1}` };
}

/** Names in a `ConvModule` of mmcv. */
export function inModule(name: string): ConvBnNames {
  return { conv: `${name}.conv`, bn: `${name}.bn` };
}

/**
 * A network under construction. Each method adds one operation (or a usual group of them) and returns its value; the
 * order of calls is the order of the weights and of the random draws that fill them.
 */
export class Graph {
  readonly #values: Value[] = [];

  /** In the order they are computed. */
  get values(): readonly Value[] {
    return this.#values;
  }

  input(channels: number): Value {
    return this.#append({ kind: 'input' }, [], channels);
  }

  /** Padding keeps the size but for the stride: dilation times half of the kernel. */
  conv(x: Value, name: string, options: ConvOptions): Value {
    const { to, kernel, init } = options;
    const { stride = 1, dilation = 1, bias = false, depthwise = false, extraInputs = 0 } = options;
    const padding = dilation * Math.floor(kernel / 2);
    const operation: ConvOperation = {
      kind: 'conv',
      ...{ name, kernel, stride, dilation, padding, depthwise, bias, init, extraInputs },
    };
    return this.#append(operation, [x], to);
  }

  batchNorm(x: Value, name: string, zero = false): Value {
    return this.#append({ kind: 'batchNorm', name, zero }, [x], x.channels);
  }

  relu(x: Value): Value {
    return this.#append({ kind: 'relu' }, [x], x.channels);
  }

  relu6(x: Value): Value {
    return this.#append({ kind: 'relu6' }, [x], x.channels);
  }

  convBn(x: Value, names: ConvBnNames, options: ConvOptions): Value {
    return this.batchNorm(this.conv(x, names.conv, options), names.bn);
  }

  convBnRelu(x: Value, names: ConvBnNames, options: ConvOptions): Value {
    return this.relu(this.convBn(x, names, options));
  }

  maxPool(x: Value, size: number, stride: number, padding: number): Value {
    return this.#append({ kind: 'maxPool', size, stride, padding }, [x], x.channels);
  }

  avgPool(x: Value, size: number, stride: number, padding: number): Value {
    return this.#append({ kind: 'avgPool', size, stride, padding }, [x], x.channels);
  }

  adaptivePool(x: Value, bins: number): Value {
    return this.#append({ kind: 'adaptivePool', bins }, [x], x.channels);
  }

  /** Bilinear, to the size of `like`. */
  resize(x: Value, like: Value, alignCorners: boolean): Value {
    return this.#append({ kind: 'resize', method: 'bilinear', alignCorners }, [x, like], x.channels);
  }

  /** The nearest value, at the size of `like`. */
  resizeNearest(x: Value, like: Value): Value {
    return this.#append({ kind: 'resize', method: 'nearest', alignCorners: false }, [x, like], x.channels);
  }

  /** Bilinear, half-pixel centres. */
  upsample(x: Value, factor: number): Value {
    return this.#append({ kind: 'upsample', factor }, [x], x.channels);
  }

  /** Maps of one size; all but the first may be 1x1. */
  add(...summands: Value[]): Value {
    return this.#append({ kind: 'add' }, summands, summands[0]!.channels);
  }

  /** `gate` may be 1x1. */
  multiply(x: Value, gate: Value): Value {
    return this.#append({ kind: 'multiply' }, [x, gate], x.channels);
  }

  scale(x: Value, factor: number): Value {
    return this.#append({ kind: 'scale', factor }, [x], x.channels);
  }

  sigmoid(x: Value): Value {
    return this.#append({ kind: 'sigmoid' }, [x], x.channels);
  }

  softmax(x: Value, over: 'channels' | 'positions'): Value {
    return this.#append({ kind: 'softmax', over }, [x], x.channels);
  }

  /** Sums of the values of `x`, one for each channel of `weights`: [N,K,1,C] of [N,h,w,K] and [N,h,w,C]. */
  weightedSums(weights: Value, x: Value): Value {
    const height = weights.channels;
    return this.#append({ kind: 'matMul', transpose: 'first', height }, [weights, x], x.channels);
  }

  /** Products of each position of `x` with each of the `count` positions of `others`: [N,h,w,count]. */
  products(x: Value, others: Value, count: number): Value {
    return this.#append({ kind: 'matMul', transpose: 'second' }, [x, others], count);
  }

  /** At each position of `weights` the sum of the positions of `values`, weighted: [N,h,w,C] of [N,h,w,K] and [N,K,1,C]. */
  mixtures(weights: Value, values: Value): Value {
    return this.#append({ kind: 'matMul', transpose: 'none' }, [weights, values], values.channels);
  }

  concat(...parts: Value[]): Value {
    return this.#append(
      { kind: 'concat' },
      parts,
      parts.reduce((sum, { channels }) => sum + channels, 0),
    );
  }

  dropout(x: Value, rate: number, channels = false): Value {
    return this.#append({ kind: 'dropout', rate, channels }, [x], x.channels);
  }

  #append(operation: Operation, inputs: readonly Value[], channels: number): Value {
    const value = { index: this.#values.length, operation, inputs, channels };
    this.#values.push(value);
    return value;
  }
}

/** A channel count at a width: a multiple of 4, at least 4; unchanged at width 1. */
export function scaledChannels(channels: number, width: number): number {
  return width === 1 ? channels : Math.max(4, 4 * Math.round((channels * width) / 4));
}
