import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ForwardOptions } from '../segmenter';

/** A decoder: features of the backbone in, logits and the input of the classifier out, both at the same resolution. */
export type Head = (x: Tensor4D, options: ForwardOptions) => { logits: Tensor4D; features: Tensor4D };

export interface HeadOptions {
  /** Channels of the backbone's output. */
  from: number;
  classes: number;
  width: number;
}
