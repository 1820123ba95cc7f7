import { z } from 'zod';
import { augmentSchema } from './config-augment';
import { datasetSchema } from './config-dataset';
import type { ladSchema } from './config-lad';
import { methodSchema } from './config-methods';
import { segmenterSchema } from './config-network';
import type { rddSchema } from './config-rdd';
import { detailWeightSchema, ohemSchema } from './config-task-loss';
import { weight } from './config-terms';
import { datasetFacts, datasetKinds } from './datasets';

/**
 * The one source of truth of a `*.distill.json`: validation, the JSON schema the editor uses, defaults and their
 * documentation are all derived from here. `describe()` is what a hover shows; it names the source of each default.
 */

const cropSchema = z
  .tuple([z.int().min(16).max(4096), z.int().min(16).max(4096)])
  .describe(
    'Height and width of the training crop in pixels; multiples of the output stride, which is 8 for most networks. Default: as published with the dataset (CIRKD, RDD, mmsegmentation), else 512 x 512.',
  );

export const trainingSchema = z.strictObject({
  seed: z
    .int()
    .min(1)
    .max(0x7fffffff)
    .default(1)
    .describe('Seed of every random stream. 0 is refused: TensorFlow.js treats it as "no seed".'),
  iterations: z
    .int()
    .min(1)
    .default(40000)
    .describe(
      'Optimiser steps of the student stage. Default: as published with the dataset (CIRKD, RDD, LAD on VOC: 40 000; ADE20K in RDD and COCO-Stuff 164K: 80 000), else 40 000.',
    ),
  teacherIterations: z
    .int()
    .min(1)
    .optional()
    .describe('Optimiser steps of the teacher stage; defaults to `iterations`.'),
  batch: z.int().min(1).default(16).describe('Images per step. Published: 16.'),
  crop: cropSchema.default([512, 512]),
  lr: z
    .number()
    .positive()
    .default(0.02)
    .describe(
      'Base learning rate. Default: as published with the dataset (CIRKD, RDD: 0.02; COCO-Stuff 10K in mmsegmentation: 0.01), else 0.02.',
    ),
  momentum: z.number().min(0).lt(1).default(0.9).describe('SGD momentum. Published: 0.9.'),
  weightDecay: z
    .number()
    .min(0)
    .default(1e-4)
    .describe('SGD weight decay. 1e-4 in the released LAD and RDD code; 5e-4 in the RDD paper.'),
  power: z.number().min(0).default(0.9).describe('Exponent of the poly schedule. Published: 0.9.'),
  auxWeight: weight
    .optional()
    .describe(
      'Weight of each auxiliary head in the task loss. Default: as published for the network, which is 0.4 for heads on ResNet (CIRKD, RDD, LAD teacher).',
    ),
  detailWeight: detailWeightSchema,
  ohem: ohemSchema,
  augment: augmentSchema,
  evaluateEvery: z.int().min(1).default(800).describe('Steps between evaluations on the validation split.'),
  evaluateImages: z
    .int()
    .min(1)
    .optional()
    .describe('Evaluate on the first n validation images only; by default on all.'),
  checkpointEvery: z.int().min(1).default(800).describe('Steps between checkpoints.'),
  sampleEvery: z.int().min(1).default(200).describe('Steps between sample pictures for the panels.'),
});

/** What a user may write, field by field. */
export const configFields = z
  .strictObject({
    $schema: z.string().optional(),
    name: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe('Name shown in the Runs view; defaults to the file name.'),
    dataset: datasetSchema,
    methods: z
      .array(methodSchema)
      .max(12)
      .default([])
      .describe('Distillation methods; they compose. Empty: the student is trained alone, as a baseline.'),
    student: segmenterSchema.prefault({}).describe('The network that is distilled into.'),
    teacher: segmenterSchema
      .optional()
      .describe(
        'The teacher. Without it a method that needs one uses a teacher of the same shape as the student.',
      ),
    training: trainingSchema.prefault({}).describe('Schedule, optimiser and input of the training.'),
    engine: z
      .enum(['auto', 'tensorflow', 'webgpu', 'wasm'])
      .default('auto')
      .describe('What computes. `auto`: TensorFlow when it has been set up, else the embedded wasm engine.'),
  })
  .describe('Configuration of a Distillation Studio run.');

/** A configuration with every default filled in: those of the fields, and the schedule that its dataset was published with. */
export const configSchema = z.preprocess(withPublishedSchedule, configFields);

/** What a user may write: fields with defaults are optional. */
export type ConfigInput = z.input<typeof configFields>;
/** What a run works with: every default filled in. */
export type Config = z.output<typeof configSchema>;
export type SegmenterConfig = z.output<typeof segmenterSchema>;
export type TrainingConfig = z.output<typeof trainingSchema>;
export type DatasetConfig = z.output<typeof datasetSchema>;
export type MethodConfig = z.output<typeof methodSchema>;
export type MethodKind = MethodConfig['kind'];
export type LadConfig = z.output<typeof ladSchema>;
export type RddConfig = z.output<typeof rddSchema>;

function withPublishedSchedule(written: unknown): unknown {
  if (!isObject(written) || !isObject(written.dataset)) return written;
  const { kind } = written.dataset;
  const known = datasetKinds.find((one) => one === kind);
  const published = known && datasetFacts({ kind: known }).training;
  const { training = {} } = written;
  return published && isObject(training) ? { ...written, training: { ...published, ...training } } : written;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a configuration has a teacher at all: a method other than the plain baseline asks for one. */
export function needsTeacher(config: Pick<Config, 'methods'>): boolean {
  return config.methods.length > 0;
}

/** JSON schema (draft 7, what VS Code reads) of what a user may write. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configFields, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
}
