import type { Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../engine/random';

/** Everything that decides the shape of a segmenter. */
export interface SegmenterSpec {
  model: 'deeplabv3' | 'pspnet';
  backbone: 'resnet18';
  classes: number;
  /** 3, or 4 for LAD's teacher. */
  inputChannels: number;
  /** Channel multiplier; 1 is the published network. */
  width: number;
}

export interface ForwardOptions {
  /**
   * `train`: batch statistics, running statistics updated. `batch`: batch statistics, running ones untouched.
   * `frozen`: running statistics. An argument of each pass, not a state of the network.
   */
  batchNorm: 'train' | 'batch' | 'frozen';
  /** Random stream of the dropout masks; null: no dropout (evaluation, teacher). */
  dropout: RandomStream | null;
}

export interface SegmenterOutput {
  /** [N,h,w,C] at 1/8 of the input, h = ceil(H/8). */
  logits: Tensor4D;
  /** Auxiliary head, same shape. */
  auxLogits: Tensor4D;
  /** Input of the classifier, [N,h,w,F]. */
  features: Tensor4D;
}

export interface Weight {
  variable: Variable;
  /** false: running statistics of batch norm. */
  trainable: boolean;
}

export interface Segmenter {
  readonly spec: SegmenterSpec;
  /** By PyTorch name (`pretrained.layer1.0.conv1.weight`), in a fixed order. Convolutions are HWIO in memory. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** Standard deviation etc. are the caller's business: `x` is normalised, [N,H,W,inputChannels]. */
  forward(x: Tensor4D, options: ForwardOptions): SegmenterOutput;
  /** Number of trainable parameters, as the papers count them. */
  parameterCount(): number;
  dispose(): void;
}
