import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { AxisMatrix } from './axis-matrix';
import type { Blend, ConvGeometry, SgdUpdate } from './ops';

export type Shape4 = [number, number, number, number];

export interface PoolWindow {
  size: number;
  stride: number;
}

export interface NormGradient {
  x: Tensor4D;
  gamma: Tensor1D;
  beta: Tensor1D;
}

/** What follows a batch norm in the same breath: y = relu(norm + added), each part if it is there. */
export interface NormAfter {
  added?: Tensor4D | undefined;
  relu: boolean;
}

/** Windows of a pool with padding, and how many of them there are. */
export interface PaddedPool extends PoolWindow {
  padding: number;
  outHeight: number;
  outWidth: number;
}

/** Batch norm with given statistics. */
export interface FrozenNorm {
  gamma: Tensor1D;
  beta: Tensor1D;
  mean: Tensor1D;
  variance: Tensor1D;
  epsilon: number;
}

export interface SgdOptions {
  lr: number;
  momentum: number;
  weightDecay: number;
}

/**
 * What an engine computes in its own way: plain functions of tensors, recorded on no tape. The files beside this one
 * give them gradients and check their arguments. Geometry has been checked before a kernel is called.
 */
export interface Kernels {
  conv(x: Tensor4D, filter: Tensor4D, geometry: ConvGeometry): Tensor4D;
  convInputGrad(dy: Tensor4D, filter: Tensor4D, inputShape: Shape4, geometry: ConvGeometry): Tensor4D;
  convFilterGrad(x: Tensor4D, dy: Tensor4D, filterShape: Shape4, geometry: ConvGeometry): Tensor4D;

  /** See `Ops.convNormFrozen`; undefined where this convolution is better computed step by step. */
  convNorm?(
    x: Tensor4D,
    filter: Tensor4D,
    geometry: ConvGeometry,
    norm: FrozenNorm,
    after: NormAfter,
  ): Tensor4D | undefined;

  depthwise(x: Tensor4D, filter: Tensor4D, geometry: ConvGeometry): Tensor4D;
  depthwiseInputGrad(dy: Tensor4D, filter: Tensor4D, inputShape: Shape4, geometry: ConvGeometry): Tensor4D;
  depthwiseFilterGrad(x: Tensor4D, dy: Tensor4D, filterShape: Shape4, geometry: ConvGeometry): Tensor4D;

  /** y with the batch's own statistics; mean, *unbiased* variance, and what the gradient wants to see again. */
  normTrain(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    epsilon: number,
  ): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D; saved: Tensor[] };
  normTrainGrad(dy: Tensor4D, x: Tensor4D, gamma: Tensor1D, saved: Tensor[], epsilon: number): NormGradient;
  /** `normTrain` with what follows it, where an engine does both at once. */
  fusedNorm?: {
    train(
      x: Tensor4D,
      gamma: Tensor1D,
      beta: Tensor1D,
      epsilon: number,
      after: NormAfter,
    ): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D; saved: Tensor[] };
    /** `y` where ReLU follows; `added` in the result if something was added. */
    trainGrad(
      dy: Tensor4D,
      y: Tensor4D | null,
      x: Tensor4D,
      gamma: Tensor1D,
      saved: Tensor[],
      added: boolean,
    ): NormGradient & { added?: Tensor4D };
  };
  normFrozen(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon: number,
  ): Tensor4D;
  normFrozenGrad(
    dy: Tensor4D,
    x: Tensor4D,
    gamma: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon: number,
  ): NormGradient;

  /** Windows that lie wholly inside x. */
  maxPool(x: Tensor4D, window: PoolWindow): Tensor4D;
  /** dy goes to the first largest value of each window, in row order. */
  maxPoolGrad(dy: Tensor4D, x: Tensor4D, y: Tensor4D, window: PoolWindow): Tensor4D;
  /** The same with windows that reach beyond x, where an engine needs no padded copy for them. */
  paddedMaxPool?: {
    pool(x: Tensor4D, pool: PaddedPool): Tensor4D;
    grad(dy: Tensor4D, x: Tensor4D, y: Tensor4D, pool: PaddedPool): Tensor4D;
  };

  /** Multiplies `matrix` onto the rows (axis 1) or columns (axis 2) of x. */
  alongAxis(x: Tensor4D, axis: 1 | 2, matrix: AxisMatrix): Tensor4D;

  reluGrad(dy: Tensor4D, y: Tensor4D): Tensor4D;

  /** Over the last axis. */
  softmax<T extends Tensor>(x: T): T;
  logSoftmax<T extends Tensor>(x: T): T;
  /**
   * -log softmax(logits)[label], 0 where the label is -1, and what the gradient wants to see again.
   * Logits [N,H,W,C], labels int32 [N,H,W].
   */
  crossEntropy(logits: Tensor4D, labels: Tensor3D): { loss: Tensor3D; saved: Tensor[] };
  /** dy * (softmax(logits) - onehot(label)), 0 where the label is -1. */
  crossEntropyGrad(dy: Tensor3D, saved: Tensor[]): Tensor4D;
  /** Sum over p of softmax(teacher/T) * (log softmax(teacher/T) - log softmax(student/T)), rows of [P,C]. */
  klRows(student: Tensor2D, teacher: Tensor2D, temperature: number): Tensor1D;
  /** Gradient of the student, in one go. */
  klRowsGrad?(dy: Tensor1D, student: Tensor2D, teacher: Tensor2D, temperature: number): Tensor2D;

  sgdStep(weight: Variable, gradient: Tensor, velocity: Variable, options: SgdOptions): void;
  /** All updates of a step at once, where that is faster than one by one. */
  sgdStepAll?(updates: readonly SgdUpdate[], options: SgdOptions): void;
  /** See `Ops.blend`. */
  blend?(updates: readonly Blend[], share: number): void;
}
