import { z } from 'zod';
import { datasetSchema } from './config-dataset';
import { segmenterSchema } from './config-network';
import { detailWeightSchema, ohemSchema } from './config-task-loss';

/**
 * The one source of truth of a `*.distill.json`: validation, the JSON schema the editor uses, defaults and their
 * documentation are all derived from here. `describe()` is what a hover shows; it names the source of each default.
 */

const weight = z.number().min(0);
const temperature = z.number().positive();

const kdTerm = (defaults: { weight: number; temperature: number }, source: string) =>
  z
    .strictObject({
      weight: weight.default(defaults.weight).describe(`Weight of the term. ${source}`),
      temperature: temperature.default(defaults.temperature).describe(`Softmax temperature. ${source}`),
    })
    .prefault({});

const cropSchema = z
  .tuple([z.int().min(16).max(4096), z.int().min(16).max(4096)])
  .describe(
    'Height and width of the training crop in pixels; multiples of the output stride, which is 8 for most networks.',
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
    .describe('Optimiser steps of the student stage. Published: 40 000 (CIRKD, RDD, LAD on VOC).'),
  teacherIterations: z
    .int()
    .min(1)
    .optional()
    .describe('Optimiser steps of the teacher stage; defaults to `iterations`.'),
  batch: z.int().min(1).default(16).describe('Images per step. Published: 16.'),
  crop: cropSchema.default([512, 512]),
  lr: z.number().positive().default(0.02).describe('Base learning rate. Published: 0.02 (CIRKD, RDD).'),
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
  augment: z
    .strictObject({
      scale: z
        .boolean()
        .default(true)
        .describe('Random scale from {0.5, 0.6, ..., 2.0} (CIRKD), padding with ignore, random crop.'),
      flip: z.boolean().default(true).describe('Horizontal flip with probability 0.5 (CIRKD).'),
    })
    .prefault({}),
  evaluateEvery: z.int().min(1).default(800).describe('Steps between evaluations on the validation split.'),
  evaluateImages: z
    .int()
    .min(1)
    .optional()
    .describe('Evaluate on the first n validation images only; by default on all.'),
  checkpointEvery: z.int().min(1).default(800).describe('Steps between checkpoints.'),
  sampleEvery: z.int().min(1).default(200).describe('Steps between sample pictures for the panels.'),
});

export const ladSchema = z.strictObject({
  kind: z.literal('lad'),
  noise: z
    .strictObject({
      classStd: z
        .number()
        .min(0)
        .default(1)
        .describe('Standard deviation of the value drawn per class. LAD code: 1.'),
      pixelStd: z
        .number()
        .min(0)
        .default(0.03)
        .describe('Standard deviation of the noise per pixel. LAD code: 0.03.'),
      scale: z
        .number()
        .positive()
        .default(100)
        .describe(
          'Factor that brings the label channel to the range of the mean-subtracted image. LAD code: 100.',
        ),
    })
    .prefault({}),
  consistency: z
    .strictObject({
      weight: weight.default(5).describe('Weight of the dual-path consistency. LAD code: 5.'),
      temperature: temperature.default(4).describe('Temperature of its channel-wise distance. LAD code: 4.'),
    })
    .prefault({}),
  distill: z
    .strictObject({
      codes: z
        .enum(['fixed', 'random'])
        .default('fixed')
        .describe(
          'Class values the teacher sees while it teaches: the fixed table (k-11)/10 of the LAD code, or random ones.',
        ),
      pixelStd: z
        .number()
        .min(0)
        .default(0.02)
        .describe('Pixel noise while the teacher teaches. LAD code: 0.02.'),
    })
    .prefault({}),
  cwd: kdTerm(
    { weight: 3, temperature: 4 },
    'LAD code: channel-wise distillation of the logits, 3 at temperature 4.',
  ),
});

export const rddSchema = z.strictObject({
  kind: z.literal('rdd'),
  fidelity: z
    .enum(['code', 'paper'])
    .default('code')
    .describe(
      'Follow the released RDD code or the paper where they differ; single switches below override it.',
    ),
  stages: z
    .enum(['both', 'tfe', 'tse'])
    .default('both')
    .describe('Teacher-full evaluation (TFE), then teacher-student evaluation (TSE); or one of them alone.'),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Fraction of the iterations spent in TFE. RDD paper, Table 5: 0.1 is best.'),
  handover: z
    .enum(['hard', 'linear'])
    .default('hard')
    .describe(
      '`hard`: switch from TFE to TSE. `linear`: blend TFE out until the end (a script of the RDD code).',
    ),
  tfe: z
    .strictObject({
      kl: z
        .enum(['aux-main', 'main-aux'])
        .optional()
        .describe(
          'Direction of the teacher disagreement. Code: KL(aux || main); paper Eq. 6: KL(main || aux).',
        ),
      reduction: z
        .enum(['all', 'valid'])
        .optional()
        .describe('Mean over all pixels (code) or over labelled pixels only.'),
    })
    .prefault({}),
  tse: z
    .strictObject({
      mode: z
        .enum(['xor', 'or', 'and', 'ohem'])
        .default('xor')
        .describe(
          'How the hard pixels of student and teacher are combined. RDD paper, Table 6: XOR is best.',
        ),
      threshold: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.7)
        .describe('Confidence threshold t. RDD paper, Table 7: 0.7.'),
      confidence: z
        .enum(['label', 'max'])
        .optional()
        .describe('Probability of the labelled class (code) or the largest probability (paper).'),
      minKept: z
        .int()
        .min(0)
        .optional()
        .describe(
          'Hard-pixel floor: at least this many pixels of the batch are hard. Code: 100 000; paper: 0.',
        ),
      classWeights: z
        .array(z.number().min(0))
        .optional()
        .describe('Class weights of the task loss in TSE. The code has a table for Cityscapes only.'),
      reduction: z
        .enum(['kept', 'all'])
        .optional()
        .describe('Mean over the kept pixels (code) or over all pixels (paper Eq. 10).'),
    })
    .prefault({}),
  kd: kdTerm({ weight: 1, temperature: 1 }, 'RDD: plain KD, weight 1 at temperature 1.'),
});

export const kdSchema = z.strictObject({
  kind: z.literal('kd'),
  weight: weight.default(1).describe('Weight. CIRKD scripts: 1.'),
  temperature: temperature.default(1).describe('Temperature. CIRKD scripts: 1.'),
});

export const cwdSchema = z.strictObject({
  kind: z.literal('cwd'),
  weight: weight.default(3).describe('Weight of channel-wise distillation on the logits. CIRKD scripts: 3.'),
  temperature: temperature.default(4).describe('Temperature. CIRKD scripts: 4.'),
});

export const methodSchema = z.discriminatedUnion('kind', [ladSchema, rddSchema, kdSchema, cwdSchema]);

export const configSchema = z
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
      .max(8)
      .default([])
      .describe('Distillation methods; they compose. Empty: the student is trained alone, as a baseline.'),
    student: segmenterSchema.prefault({}),
    teacher: segmenterSchema
      .optional()
      .describe(
        'The teacher. Without it a method that needs one uses a teacher of the same shape as the student.',
      ),
    training: trainingSchema.prefault({}),
    engine: z
      .enum(['auto', 'tensorflow', 'webgpu', 'wasm'])
      .default('auto')
      .describe('What computes. `auto`: TensorFlow when it has been set up, else the embedded wasm engine.'),
  })
  .describe('Configuration of a Distillation Studio run.');

/** What a user may write: fields with defaults are optional. */
export type ConfigInput = z.input<typeof configSchema>;
/** What a run works with: every default filled in. */
export type Config = z.output<typeof configSchema>;
export type SegmenterConfig = z.output<typeof segmenterSchema>;
export type TrainingConfig = z.output<typeof trainingSchema>;
export type DatasetConfig = z.output<typeof datasetSchema>;
export type MethodConfig = z.output<typeof methodSchema>;
export type MethodKind = MethodConfig['kind'];
export type LadConfig = z.output<typeof ladSchema>;
export type RddConfig = z.output<typeof rddSchema>;

/** Whether a configuration has a teacher at all: a method other than the plain baseline asks for one. */
export function needsTeacher(config: Pick<Config, 'methods'>): boolean {
  return config.methods.length > 0;
}

/** JSON schema (draft 7, what VS Code reads) of what a user may write. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
}
