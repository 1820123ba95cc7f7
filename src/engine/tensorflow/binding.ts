import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { TensorFlowInstallation } from './installation';

export interface TensorInfo {
  id: number;
  shape: number[];
  dtype: number;
}

/** An attribute of an operation; `type` is one of the TF_ATTR_ constants. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

export interface TensorFlowDevice {
  name: string;
  /** `CPU` or `GPU`. */
  type: string;
  memoryBytes: number;
}

/** A convolution with a square kernel; `winograd`: 1 where `winogradFits` said so, else 0. */
export type ConvNumbers = [
  n: number,
  h: number,
  w: number,
  from: number,
  to: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
  winograd: number,
];

/** What native/tensorflow/addon.cc offers; the part that tfjs-node uses itself is declared there as TFJSBinding. */
export interface TensorFlowBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;

  devices(): TensorFlowDevice[];
  /** Tensors alive in the library. */
  getNumOfTensors(): number;
  /** An operation with its attributes, for `executePrepared`. */
  prepare(name: string, attributes: Attribute[]): number;
  executePrepared(operation: number, inputs: number[], outputs: number): TensorInfo[];
  /** Milliseconds and calls by operation since it was last switched on. */
  profile(on: boolean): Record<string, { ms: number; calls: number }>;

  // Kernels of our own, on tensors in the memory of the CPU.
  /** Threads they use. */
  threads(): number;
  sgdStep(
    weights: number[],
    gradients: number[],
    velocities: number[],
    lr: number,
    momentum: number,
    weightDecay: number,
  ): void;
  winogradFits(n: number, h: number, w: number, dilation: number, from: number, to: number): boolean;
  conv(x: number, filter: number, ...convolution: ConvNumbers): number;
  /** `added`: a tensor or -1. */
  convNorm(
    x: number,
    filter: number,
    gamma: number,
    beta: number,
    mean: number,
    variance: number,
    epsilon: number,
    added: number,
    relu: boolean,
    ...convolution: ConvNumbers
  ): number;
  /** Of stride 1 only. */
  convInputGrad(dy: number, filter: number, ...convolution: ConvNumbers): number;
  convFilterGrad(x: number, dy: number, ...convolution: ConvNumbers): number;
  /** `added`: a tensor or -1. Gives y, mean, unbiased variance, 1 / standard deviation. */
  normTrain(
    x: number,
    gamma: number,
    beta: number,
    added: number,
    relu: boolean,
    rows: number,
    channels: number,
    epsilon: number,
    shape: number[],
  ): [number, number, number, number];
  /** `y`: the result where ReLU follows, or -1. Gives dx, dGamma, dBeta, and dAdded or -1. */
  normTrainGrad(
    dy: number,
    y: number,
    x: number,
    gamma: number,
    mean: number,
    inverse: number,
    rows: number,
    channels: number,
    added: boolean,
    shape: number[],
  ): [number, number, number, number];
  blend(targets: number[], values: number[], share: number): void;
  crossEntropy(logits: number, labels: number, rows: number, classes: number, shape: number[]): number;
  crossEntropyGrad(
    logits: number,
    labels: number,
    dy: number,
    rows: number,
    classes: number,
    shape: number[],
  ): number;
  klRows(student: number, teacher: number, rows: number, classes: number, temperature: number): number;
  klRowsGrad(
    student: number,
    teacher: number,
    dy: number,
    rows: number,
    classes: number,
    temperature: number,
  ): number;
  // The last nine: n, h, w, channels, size, stride, padding, outH, outW.
  maxPool(x: number, ...pool: number[]): number;
  maxPoolGrad(dy: number, x: number, y: number, ...pool: number[]): number;
  alongAxis(
    x: number,
    outer: number,
    columns: number,
    rows: number,
    length: number,
    start: Int32Array,
    index: Int32Array,
    weight: Float32Array,
    shape: number[],
  ): number;
}

interface Addon {
  open(library: { library: string; preload?: readonly string[] }): TensorFlowBinding;
}

/** Loads the library; once per process. Errors: engine-unavailable. */
export function openBinding({ addon, library, preload }: TensorFlowInstallation): TensorFlowBinding {
  try {
    const loaded = createRequire(join(__dirname, 'binding.js'))(addon) as Addon;
    return loaded.open({ library, ...(preload && { preload }) });
  } catch (cause) {
    throw new DistillError(
      'engine-unavailable',
      `TensorFlow does not load: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { where: library, remedy: 'Run "distill doctor --install tensorflow" to set it up anew.', cause },
    );
  }
}
