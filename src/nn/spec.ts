import type { BackboneName, ModelName, OutputStride, Stem, Style } from '../protocol/networks';

/** Everything that decides the shape of a segmenter. Made by `resolveSpec`, which knows the defaults. */
export interface SegmenterSpec {
  model: ModelName;
  backbone: BackboneName;
  classes: number;
  /** 3, or 4 for LAD's teacher. */
  inputChannels: number;
  /** Channel multiplier; 1 is the published network. */
  width: number;
  /** Size of the images over size of the logits. */
  outputStride: OutputStride;
  /** Whether the auxiliary heads of the published network are there. */
  auxHead: boolean;
  /** Whose reading of the paper: it decides head widths, dilations, initial weights, names and how maps are resized. */
  style: Style;
  /** First convolutions of a ResNet; other backbones have none to choose. */
  stem?: Stem;
}

/** CIRKD and STDC-Seg resize logits and pyramids with aligned corners, mmsegmentation by half-pixel centres. */
export function alignsCorners({ style }: Pick<SegmenterSpec, 'style'>): boolean {
  return style !== 'mmseg';
}
