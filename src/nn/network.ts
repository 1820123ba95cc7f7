import type { BackboneName, OutputStride, Style } from '../protocol/networks';
import type { Graph, Value } from './graph';
import type { SegmenterSpec } from './spec';

/** An output beside the logits that takes part in training only. */
export interface AuxOutput<T> {
  /** Unique within the network: `aux`, `aux16`, `detail8`, ... */
  name: string;
  /** `classes`: logits of the classes, trained as the main ones are; `detail`: one logit, whether a boundary is near. */
  kind: 'classes' | 'detail';
  /** Published weight of its loss; `training.auxWeight` takes its place for `classes`. */
  weight: number;
  /** [N,h,w,C], or [N,h,w,1] for `detail`; h and w are its own. */
  logits: T;
}

/** What a segmenter gives, as values of its graph or as tensors. */
export interface Outputs<T> {
  /** [N,h,w,C]: h = ceil(H / outputStride). */
  logits: T;
  /** Input of the classifier, [N,h,w,F]. */
  features: T;
  /** In a fixed order; empty without auxiliary heads. Methods that compare auxiliary heads take the first of `classes`. */
  aux: readonly AuxOutput<T>[];
}

/** A network as data. */
export interface Network {
  spec: SegmenterSpec;
  values: readonly Value[];
  outputs: Outputs<Value>;
}

export interface BackboneEntry {
  /** One sentence for completion and hovers. */
  summary: string;
  /** Values of its stages, from the finest to the coarsest; which stages these are is between backbone and model. */
  build(graph: Graph, images: Value, spec: SegmenterSpec): readonly Value[];
}

export interface ModelEntry {
  /** One sentence for completion and hovers. */
  summary: string;
  /** What it can be built with; the first of each is the default. */
  backbones: readonly BackboneName[];
  styles: readonly Style[];
  outputStrides: readonly OutputStride[];
  auxHead(backbone: BackboneName, style: Style): readonly boolean[];
  /** Whose online hard example mining its published training has; none if left out. */
  ohem?: 'stdc' | 'mmseg';
  /** What the trainer does otherwise than the published training of this network, in sentences. */
  deviations?: readonly string[];
  build(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value>;
}
