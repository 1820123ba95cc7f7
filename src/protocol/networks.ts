/** Names of the networks that can be built; what they are is in src/nn/networks.ts. */

export const MODELS = ['deeplabv3', 'pspnet', 'fcn'] as const;
export type ModelName = (typeof MODELS)[number];

export const BACKBONES = ['resnet18', 'resnet50', 'resnet101', 'mobilenetv2'] as const;
export type BackboneName = (typeof BACKBONES)[number];

export const STYLES = ['cirkd', 'mmseg'] as const;
export type Style = (typeof STYLES)[number];

export const STEMS = ['v1s', 'v1c', '7x7'] as const;
export type Stem = (typeof STEMS)[number];

export const OUTPUT_STRIDES = [8, 16, 32] as const;
export type OutputStride = (typeof OUTPUT_STRIDES)[number];
