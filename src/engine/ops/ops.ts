import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { FrozenNorm, NormAfter } from './kernels';

/** Square-kernel geometry as PyTorch gives it: symmetric zero padding on every side. */
export interface ConvGeometry {
  stride: number;
  dilation: number;
  padding: number;
}

/** A weight, its gradient and its momentum buffer, all of one shape. */
export interface SgdUpdate {
  weight: Variable;
  gradient: Tensor;
  velocity: Variable;
}

/** A variable and where it moves, of one shape. */
export interface Blend {
  target: Variable;
  value: Tensor;
}

export interface BatchNormResult {
  y: Tensor4D;
  /** Statistics of this batch (`train` and `batch` modes): mean and *unbiased* variance, both [C], detached. */
  batch?: { mean: Tensor1D; variance: Tensor1D };
}

/**
 * Operations with gradients that are right on every engine. All tensors float32 and NHWC unless said otherwise; every
 * function may be used under `tf.tidy` and inside `tf.variableGrads`. Checked by finite differences in test/unit/engine.
 */
export interface Ops {
  /** x [N,H,W,Cin], filter [kh,kw,Cin,Cout]; any stride, dilation and symmetric padding. */
  conv2d(x: Tensor4D, filter: Tensor4D, geometry: ConvGeometry): Tensor4D;
  /** x [N,H,W,C], filter [kh,kw,C,1]. */
  depthwiseConv2d(x: Tensor4D, filter: Tensor4D, geometry: ConvGeometry): Tensor4D;
  /**
   * Normalises each channel with the statistics of this batch over N, H, W (biased variance, as PyTorch) and returns
   * them; gradients with respect to x, gamma and beta. With `after`, y is relu(norm + added): the same as computed one
   * after the other, but faster and in less memory on some engines.
   */
  batchNormTrain(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    epsilon: number,
    after?: NormAfter,
  ): BatchNormResult;
  /** The same with given statistics, which receive no gradient. */
  batchNormFrozen(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon: number,
  ): Tensor4D;
  /**
   * Convolution, batch norm with given statistics, and what follows: relu(norm(conv(x)) + added). Without a gradient being
   * recorded, engines that can do all of it in the convolution's last pass.
   */
  convNormFrozen(
    x: Tensor4D,
    filter: Tensor4D,
    geometry: ConvGeometry,
    norm: FrozenNorm,
    after: NormAfter,
  ): Tensor4D;
  /** Padding counts as minus infinity; output size floors, or ceils with `ceil` (PyTorch's ceil_mode). */
  maxPool(x: Tensor4D, size: number, stride: number, padding: number, ceil?: boolean): Tensor4D;
  /** PyTorch's AvgPool2d: padding counts as zeros that are averaged too; output size floors. */
  avgPool(x: Tensor4D, window: { size: number; stride: number; padding: number }): Tensor4D;
  /** PyTorch's AdaptiveAvgPool2d to bins x bins: bin i covers floor(i*n/bins) .. ceil((i+1)*n/bins). */
  adaptiveAvgPool(x: Tensor4D, bins: number): Tensor4D;
  /** Bilinear resize of [N,h,w,C]; `alignCorners` as PyTorch's align_corners, else half-pixel centres. */
  resizeBilinear(x: Tensor4D, size: [number, number], alignCorners: boolean): Tensor4D;
  /** PyTorch's interpolate(mode="nearest") of [N,h,w,C]. */
  resizeNearest(x: Tensor4D, size: [number, number]): Tensor4D;
  /** log softmax over the last axis. */
  logSoftmax<T extends Tensor>(logits: T): T;
  /**
   * Cross entropy per pixel: logits [N,H,W,C], labels int32 [N,H,W] with -1 = ignore. Result [N,H,W], 0 where ignored.
   * Gradient with respect to the logits only.
   */
  crossEntropyMap(logits: Tensor4D, labels: Tensor3D): Tensor3D;
  /**
   * KL(teacher || student) of softmax(. / temperature) over the last axis, per row: both [P,C]; result [P].
   * The teacher receives no gradient.
   */
  klRows(student: Tensor2D, teacher: Tensor2D, temperature: number): Tensor1D;
  relu(x: Tensor4D): Tensor4D;
  /**
   * One step of PyTorch's SGD for every weight, in place: g += weightDecay * w; m = momentum * m + g; w -= lr * m.
   * A velocity starts at zero (then equal to PyTorch, whose first step sets m = g).
   */
  sgdStep(
    updates: readonly SgdUpdate[],
    options: { lr: number; momentum: number; weightDecay: number },
  ): void;
  /** Every target moves towards its value, in place: target = (1 - share) * target + share * value. */
  blend(updates: readonly Blend[], share: number): void;
}
