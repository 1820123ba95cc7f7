/** Names of the networks that can be built; what they are is in src/nn/networks.ts. */

export const MODELS = ['deeplabv3', 'pspnet', 'fcn', 'stdc', 'ocrnet'] as const;
export type ModelName = (typeof MODELS)[number];

export const BACKBONES = [
  'resnet18',
  'resnet50',
  'resnet101',
  'mobilenetv2',
  'stdc1',
  'stdc2',
  'hrnetv2-w18-small',
  'hrnetv2-w18',
  'hrnetv2-w48',
] as const;
export type BackboneName = (typeof BACKBONES)[number];

/** What a model is built on unless a configuration says otherwise. */
export const USUAL_BACKBONE: Readonly<Record<ModelName, BackboneName>> = {
  deeplabv3: 'resnet18',
  pspnet: 'resnet18',
  fcn: 'resnet18',
  stdc: 'stdc1',
  ocrnet: 'hrnetv2-w18-small',
};

/** `official`: the repository of the network's authors, where neither CIRKD nor mmsegmentation is followed. */
export const STYLES = ['cirkd', 'mmseg', 'official'] as const;
export type Style = (typeof STYLES)[number];

export const STEMS = ['v1s', 'v1c', '7x7'] as const;
export type Stem = (typeof STEMS)[number];

export const OUTPUT_STRIDES = [4, 8, 16, 32] as const;
export type OutputStride = (typeof OUTPUT_STRIDES)[number];
