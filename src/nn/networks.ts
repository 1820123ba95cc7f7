import { DistillError } from '../protocol/errors';
import type { BackboneName, ModelName, Stem, Style } from '../protocol/networks';
import { hrNet } from './backbones/hrnet';
import { mobileNetV2 } from './backbones/mobilenet-v2';
import { isResNet, resNet } from './backbones/resnet';
import { stdcNet } from './backbones/stdc';
import { Graph } from './graph';
import { deepLabV3 } from './heads/deeplabv3';
import { fcn } from './heads/fcn';
import { ocrNet } from './heads/ocr';
import { pspNet } from './heads/pspnet';
import { stdcSeg } from './heads/stdc';
import type { BackboneEntry, ModelEntry, Network } from './network';
import type { SegmenterSpec } from './spec';

/** Networks by the names a configuration gives them. A new one is an entry here and a name in src/protocol/networks.ts. */
export const backbones: Readonly<Record<BackboneName, BackboneEntry>> = {
  resnet18: { summary: 'ResNet-18: basic blocks, 2-2-2-2.', build: resNet },
  resnet50: { summary: 'ResNet-50: bottleneck blocks, 3-4-6-3.', build: resNet },
  resnet101: { summary: 'ResNet-101: bottleneck blocks, 3-4-23-3.', build: resNet },
  mobilenetv2: { summary: 'MobileNetV2: inverted residuals of depthwise convolutions.', build: mobileNetV2 },
  stdc1: { summary: 'STDC1: short-term dense concatenation modules, 2-2-2.', build: stdcNet },
  stdc2: { summary: 'STDC2: short-term dense concatenation modules, 4-5-3.', build: stdcNet },
  'hrnetv2-w18-small': {
    summary: 'HRNetV2-W18-Small: four resolutions side by side, 18 channels at the finest, half the blocks.',
    build: hrNet,
  },
  'hrnetv2-w18': {
    summary: 'HRNetV2-W18: four resolutions side by side, 18 channels at the finest.',
    build: hrNet,
  },
  'hrnetv2-w48': {
    summary: 'HRNetV2-W48: four resolutions side by side, 48 channels at the finest.',
    build: hrNet,
  },
};

/** Backbones whose last stages are dilated to keep the size, for heads that work on the last stage. */
const DILATED = ['resnet18', 'resnet50', 'resnet101', 'mobilenetv2'] as const satisfies BackboneName[];
const onDilated = {
  backbones: DILATED,
  styles: ['cirkd', 'mmseg'],
  outputStrides: [8, 16, 32],
  // CIRKD's MobileNetV2 gives one map only, and has no auxiliary head.
  auxHead: (backbone: BackboneName, style: Style) =>
    backbone === 'mobilenetv2' && style === 'cirkd' ? [false] : [true, false],
} as const;

export const models: Readonly<Record<ModelName, ModelEntry>> = {
  deeplabv3: {
    summary:
      'DeepLabV3: atrous spatial pyramid, convolutions at three dilations and the image mean side by side.',
    ...onDilated,
    build: deepLabV3,
  },
  pspnet: {
    summary: 'PSPNet: pyramid pooling, means over 1, 2, 3 and 6 bins next to the features.',
    ...onDilated,
    build: pspNet,
  },
  fcn: { summary: 'FCN: convolutions on the last stage.', ...onDilated, build: fcn },
  stdc: {
    summary:
      'STDC-Seg: attention on two coarse stages, fused with the fine one; in training two more heads and one for detail.',
    backbones: ['stdc1', 'stdc2'],
    styles: ['official'],
    outputStrides: [8],
    auxHead: () => [true, false],
    ohem: 'stdc',
    deviations: [
      'STDC: the published training warms the learning rate up, raises it tenfold for the fusion module and the heads, and spares biases and batch norm the weight decay; here all weights are one group.',
    ],
    build: stdcSeg,
  },
  ocrnet: {
    summary: 'OCRNet: pixels look up the features of the objects a first head has found.',
    backbones: ['hrnetv2-w18-small', 'hrnetv2-w18', 'hrnetv2-w48'],
    styles: ['mmseg'],
    outputStrides: [4],
    // The first head is on the way to the logits.
    auxHead: () => [true],
    deviations: [
      'OCRNet: the cross entropy is divided by the labelled pixels; mmsegmentation divides it by all of them.',
    ],
    build: ocrNet,
  },
};

/** A spec whose optional parts are the published ones. */
export type SegmenterChoice = Pick<
  SegmenterSpec,
  'model' | 'backbone' | 'classes' | 'inputChannels' | 'width'
> &
  Partial<Pick<SegmenterSpec, 'outputStride' | 'auxHead' | 'style' | 'stem'>>;

type Field = 'model' | 'backbone' | 'outputStride' | 'auxHead' | 'style' | 'stem';
export type NetworkProblem = {
  field: Field;
  message: string;
  remedy: string;
  /** What can be written there instead; undefined: nothing at all. */
  offered: readonly unknown[];
};

/** What cannot be built about a choice; undefined if it can. */
export function networkProblem(
  choice: Omit<SegmenterChoice, 'classes' | 'inputChannels'>,
): NetworkProblem | undefined {
  const { model, backbone, style = models[model].styles[0]!, outputStride, auxHead, stem } = choice;
  const entry = models[model];
  const check = <T>(field: Field, value: T | undefined, offered: readonly T[], whose: string) =>
    value === undefined || offered.includes(value)
      ? undefined
      : {
          field,
          message: `${whose} cannot be built with ${field} ${JSON.stringify(value)}.`,
          remedy: offered.some((v) => v !== undefined)
            ? `Use ${offered.map((v) => JSON.stringify(v)).join(' or ')}.`
            : `Leave ${field} out.`,
          offered,
        };
  const own = `${model}-${backbone}`;
  return (
    check('backbone', backbone, entry.backbones, model) ??
    check('style', style, entry.styles, model) ??
    check('outputStride', outputStride, entry.outputStrides, model) ??
    check('auxHead', auxHead, entry.auxHead(backbone, style), `${own} in the style of ${style}`) ??
    check<Stem | undefined>('stem', stem, stems(backbone), own)
  );
}

function stems(backbone: BackboneName): readonly (Stem | undefined)[] {
  return isResNet(backbone) ? ['v1s', 'v1c', '7x7'] : [undefined];
}

/** Fills in what a choice leaves open. Errors: config-invalid for a network that cannot be built. */
export function resolveSpec(choice: SegmenterChoice): SegmenterSpec {
  const { model, backbone, classes, inputChannels, width } = choice;
  const problem = networkProblem(choice);
  if (problem)
    throw new DistillError('config-invalid', problem.message, {
      where: problem.field,
      remedy: problem.remedy,
    });
  const entry = models[model];
  const style = choice.style ?? entry.styles[0]!;
  const spec: SegmenterSpec = {
    ...{ model, backbone, classes, inputChannels, width, style },
    outputStride: choice.outputStride ?? entry.outputStrides[0]!,
    auxHead: choice.auxHead ?? entry.auxHead(backbone, style)[0]!,
  };
  if (isResNet(backbone)) spec.stem = choice.stem ?? (style === 'cirkd' ? 'v1s' : 'v1c');
  return spec;
}

/** One network in words: "deeplabv3-resnet18, 8 classes, 3 input channels, width 0.25", and what is not as published. */
export function inWords(spec: SegmenterSpec): string {
  const { model, backbone, classes, inputChannels, width } = spec;
  const published = resolveSpec({ model, backbone, classes, inputChannels, width, style: spec.style });
  return [
    `${model}-${backbone}`,
    `${classes} classes`,
    `${inputChannels} input channels`,
    `width ${width}`,
    ...(spec.style === models[model].styles[0] ? [] : [`style ${spec.style}`]),
    ...(spec.stem === published.stem ? [] : [`stem ${spec.stem}`]),
    ...(spec.outputStride === published.outputStride ? [] : [`output stride ${spec.outputStride}`]),
    ...(spec.auxHead === published.auxHead
      ? []
      : [spec.auxHead ? 'with auxiliary heads' : 'without auxiliary heads']),
  ].join(', ');
}

/** The network of a spec as data: the one source of what is computed, counted and written to files. */
export function describeNetwork(spec: SegmenterSpec): Network {
  const key = JSON.stringify(spec);
  let network = described.get(key);
  if (!network) {
    network = build({ ...spec });
    if (described.size >= REMEMBERED) described.delete(described.keys().next().value!);
    described.set(key, network);
  }
  return network;
}

/** Descriptions never change, and an editor asks for the same few with every key press. */
const described = new Map<string, Network>();
const REMEMBERED = 8;

function build(spec: SegmenterSpec): Network {
  const graph = new Graph();
  const stages = backbones[spec.backbone].build(graph, graph.input(spec.inputChannels), spec);
  const outputs = models[spec.model].build(graph, stages, spec);
  return { spec, values: graph.values, outputs };
}
