import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Weight } from './make-weights';
import type { Network, Outputs } from './network';
import type { ForwardOptions } from './run-graph';
import type { SegmenterSpec } from './spec';

/** See `Outputs`: logits, features, auxiliary outputs. */
export interface SegmenterOutput extends Outputs<Tensor4D> {
  /** How logits of this network are resized to labels, see `alignsCorners`. */
  alignCorners: boolean;
}

export interface Segmenter {
  readonly spec: SegmenterSpec;
  /** What it is made of, as data. */
  readonly network: Network;
  /** By PyTorch name (`pretrained.layer1.0.conv1.weight`), in a fixed order. Convolutions are HWIO in memory. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** Standard deviation etc. are the caller's business: `x` is normalised, [N,H,W,inputChannels]. */
  forward(x: Tensor4D, options: ForwardOptions): SegmenterOutput;
  /** The logits alone: what is not on the way to them is not computed. Running statistics, no dropout. */
  predict(x: Tensor4D): Tensor4D;
  /** Number of trainable parameters, as the papers count them. */
  parameterCount(): number;
  dispose(): void;
}
