import { z } from 'zod';
import { DistillError } from '../../protocol/errors';
import { BACKBONES, MODELS, OUTPUT_STRIDES, STEMS, STYLES } from '../../protocol/networks';
import { inWords, resolveSpec } from '../networks';
import type { SegmenterSpec } from '../spec';
import { brokenWeights } from './refusal';

/** Where the spec of the network lies in the metadata of a safetensors file, as JSON. */
const SPEC_KEY = 'distillation-studio.segmenter';

/** Older files have the first five fields alone; what is not there is as published. */
const choiceSchema = z.object({
  model: z.enum(MODELS),
  backbone: z.enum(BACKBONES),
  classes: z.int().min(1),
  inputChannels: z.int().min(1),
  width: z.number().positive(),
  outputStride: z.literal(OUTPUT_STRIDES).optional(),
  auxHead: z.boolean().optional(),
  style: z.enum(STYLES).optional(),
  stem: z.enum(STEMS).optional(),
});

export function specMetadata(spec: SegmenterSpec): Record<string, string> {
  return { format: 'pt', [SPEC_KEY]: JSON.stringify(spec) };
}

/** The network a file says it holds; undefined for files of other programs. Errors: checkpoint-broken. */
export function specOf(metadata: Readonly<Record<string, string>>, where: string): SegmenterSpec | undefined {
  const json = metadata[SPEC_KEY];
  if (json === undefined) return undefined;
  try {
    // Optional fields of the schema may be undefined, those of a choice may only be absent.
    return resolveSpec(JSON.parse(JSON.stringify(choiceSchema.parse(JSON.parse(json)))));
  } catch {
    throw brokenWeights(where, 'The description of its network is unreadable.', 'Use another checkpoint.');
  }
}

/** Errors: checkpoint-mismatch for a file that says it holds another network, checkpoint-broken. */
export function checkSpec(
  metadata: Readonly<Record<string, string>>,
  wanted: SegmenterSpec,
  where: string,
): void {
  const found = specOf(metadata, where);
  if (!found || inWords(found) === inWords(wanted)) return;
  const inputsOnly = inWords({ ...found, inputChannels: wanted.inputChannels }) === inWords(wanted);
  throw new DistillError(
    'checkpoint-mismatch',
    `The checkpoint is of another network: it holds ${inWords(found)}; asked for is ${inWords(wanted)}.`,
    {
      where,
      remedy: inputsOnly
        ? 'Teachers of LAD have a fourth input channel for the label, other networks have three: use a checkpoint of a network of the same role and method.'
        : 'Use a checkpoint of the network the configuration describes, or change model, backbone, width or dataset to match it.',
    },
  );
}
