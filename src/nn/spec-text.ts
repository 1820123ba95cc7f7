import { DistillError } from '../protocol/errors';
import {
  BACKBONES,
  type BackboneName,
  MODELS,
  type ModelName,
  OUTPUT_STRIDES,
  type OutputStride,
  STEMS,
  STYLES,
  type Stem,
  type Style,
  USUAL_BACKBONE,
} from '../protocol/networks';
import type { SegmenterChoice } from './networks';

/** Cityscapes', of most published networks. */
const CLASSES = 19;

/**
 * A network in one word, as command lines name it: `deeplabv3-resnet101`, or with what is not as published
 * `pspnet-resnet18:classes=11,width=0.25,style=mmseg,stem=7x7,outputStride=16,inputChannels=4,auxHead=false`. Without a backbone the
 * model's usual one; 19 classes and 3 input channels unless said otherwise. Whether it can be built, `resolveSpec` says.
 * Errors: usage.
 */
export function parseSpec(text: string): SegmenterChoice {
  const [name, options, ...rest] = text.split(':') as [string, ...string[]];
  if (rest.length > 0) throw unclear(text, 'There is more than one colon in it.');
  const dash = name.indexOf('-');
  const [modelText, backboneText] =
    dash < 0 ? [name, undefined] : [name.slice(0, dash), name.slice(dash + 1)];
  const model = oneOf<ModelName>(text, 'model', MODELS, modelText);
  const backbone =
    backboneText === undefined
      ? USUAL_BACKBONE[model]
      : oneOf<BackboneName>(text, 'backbone', BACKBONES, backboneText);
  const choice: SegmenterChoice = { model, backbone, classes: CLASSES, inputChannels: 3, width: 1 };
  for (const part of options ? options.split(',') : []) Object.assign(choice, option(text, part));
  return choice;
}

function option(text: string, part: string): Partial<SegmenterChoice> {
  const [key, value, ...rest] = part.split('=');
  if (value === undefined || rest.length > 0) throw unclear(text, `"${part}" is not of the form name=value.`);
  switch (key) {
    case 'classes':
      return { classes: integer(text, part, value, 1, 65_535) };
    case 'inputChannels':
      return { inputChannels: integer(text, part, value, 3, 4) };
    case 'width': {
      const width = Number(value);
      if (width > 0 && width <= 4) return { width };
      throw unclear(text, `"${part}": a width is a number above 0 and up to 4.`);
    }
    case 'outputStride':
      return { outputStride: Number(oneOf(text, key, OUTPUT_STRIDES.map(String), value)) as OutputStride };
    case 'auxHead':
      return { auxHead: oneOf(text, key, ['true', 'false'], value) === 'true' };
    case 'style':
      return { style: oneOf<Style>(text, key, STYLES, value) };
    case 'stem':
      return { stem: oneOf<Stem>(text, key, STEMS, value) };
    default:
      throw unclear(
        text,
        `There is no "${key}"; there are classes, inputChannels, width, outputStride, auxHead, style and stem.`,
      );
  }
}

function integer(text: string, part: string, value: string, low: number, high: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= low && number <= high) return number;
  throw unclear(text, `"${part}" is not a whole number from ${low} to ${high}.`);
}

function oneOf<T extends string>(text: string, what: string, offered: readonly T[], given: string): T {
  const found = offered.find((value) => value === given);
  if (found !== undefined) return found;
  throw unclear(text, `There is no ${what} "${given}"; there are ${offered.join(', ')}.`);
}

function unclear(text: string, what: string): DistillError {
  return new DistillError('usage', `"${text}" is not understood. ${what}`, {
    remedy: 'Write MODEL-BACKBONE, such as deeplabv3-resnet101, or pspnet-resnet18:classes=11,width=0.25.',
  });
}
