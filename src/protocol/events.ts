import { z } from 'zod';

/**
 * What a run says about itself: one JSON object per line of `journal.jsonl`, append-only. The same objects drive the
 * panels, the report and `distill runs`. Unknown kinds are skipped by readers, so that old readers open new runs.
 */

const at = z.number().describe('Milliseconds since the epoch.');
const stageId = z.enum(['teacher', 'student']);
export type StageId = z.infer<typeof stageId>;
const role = z.enum(['teacher', 'student']);
export type Role = z.infer<typeof role>;

/** A raw, row-major array in the run folder; `file` is relative to it, with forward slashes. */
export const layerSchema = z.strictObject({
  /** What the picture is; panels and the report decide from it how to paint. */
  name: z.enum([
    'image', // uint8 [H,W,3] RGB
    'label', // uint8 [H,W], 255 = ignore
    'teacher', // uint8 [H,W] predicted classes
    'student', // uint8 [H,W]
    'difficulty', // float32 [h,w]: RDD's RD_TFE = exp(-D_kl) in (0,1]; 1 = easy
    'mask', // uint8 [H,W]: RDD's TSE; 0 = easy for both or ignored, 1 = hard for the student only, 2 = teacher only, 3 = both
    'noise', // float32 [H,W]: LAD's noised label channel
    'noise2', // float32 [H,W]: the second path
    'weight', // float32 [h,w]: what each pixel of the task loss weighs; every n-th pixel of large pictures
    'teacherTop', // uint8 [h,w,6]: its three most probable classes and their probabilities times 255, likewise
    'studentTop', // uint8 [h,w,6]
  ]),
  file: z.string().regex(/^samples\/[\w./-]+$/),
  dtype: z.enum(['uint8', 'float32']),
  height: z.int().min(1),
  width: z.int().min(1),
  channels: z.int().min(1).max(6),
});
export type Layer = z.infer<typeof layerSchema>;
export type LayerName = Layer['name'];

export const stageEventSchema = z.object({
  kind: z.literal('stage'),
  at,
  stage: stageId,
  /** Which network is trained. */
  trains: role,
  /** Position among the stages of this run, from 0. */
  index: z.int().min(0),
  stages: z.int().min(1),
  iterations: z.int().min(1),
  /** Steps already done when the stage was entered (a resumed run). */
  from: z.int().min(0),
});
export const stepEventSchema = z.object({
  kind: z.literal('step'),
  at,
  stage: stageId,
  /** 1-based optimiser step within the stage. */
  step: z.int().min(1),
  loss: z.number(),
  /** Weighted contribution of each term to `loss`, by id: task, task.aux, consistency, kd, cwd, ... */
  terms: z.record(z.string(), z.number()),
  lr: z.number(),
  /** Wall time of the step, waiting for input included. */
  ms: z.number(),
  /** Milliseconds left in the whole run, as far as can be told. */
  etaMs: z.number().optional(),
  /** Phase of the method (RDD: tfe | tse | blend). */
  phase: z.string().optional(),
  /** Values that are no part of `loss`, by id: adversarial.discriminator. */
  watched: z.record(z.string(), z.number()).optional(),
  /** Bytes of memory the process holds; told every few seconds, not with every step. */
  memory: z.number().optional(),
});
export const evaluationEventSchema = z.object({
  kind: z.literal('evaluation'),
  at,
  stage: stageId,
  step: z.int().min(0),
  role,
  images: z.int().min(1),
  /** CIRKD convention: plain mean over all classes, an absent class counts 0. In [0,1]. */
  miou: z.number(),
  /** mmsegmentation convention: absent classes are skipped. In [0,1]. */
  miouPresent: z.number(),
  pixelAccuracy: z.number(),
  /** null: the class occurs neither in the labels nor in the predictions. */
  iou: z.array(z.number().nullable()),
  /** Row-major C x C counts, rows = label, columns = prediction. */
  confusion: z.array(z.number()).optional(),
  /** The images with the lowest mean IoU of the classes that occur in them, worst first. For sorting, not for tables. */
  worst: z.array(z.object({ id: z.string(), miou: z.number() })).optional(),
});
const sampleScoresSchema = z.object({
  /** Mean IoU over the classes that occur in this one picture, 0..1. */
  student: z.number().optional(),
  teacher: z.number().optional(),
  /** Mean of 1 - RD_TFE: 0 is easy. */
  difficulty: z.number().optional(),
  /** Share of the labelled pixels on which student and teacher say different things. */
  disagreement: z.number().optional(),
});
export type SampleScores = z.infer<typeof sampleScoresSchema>;
export const sampleEventSchema = z.object({
  kind: z.literal('sample'),
  at,
  stage: stageId,
  step: z.int().min(0),
  /** Name of the sample in the dataset. */
  id: z.string(),
  layers: z.array(layerSchema),
  scores: sampleScoresSchema.optional(),
});
export const checkpointEventSchema = z.object({
  kind: z.literal('checkpoint'),
  at,
  stage: stageId,
  step: z.int().min(0),
  file: z.string(),
});
/** What became of a file of weights that a network began from. */
const weightLines = z.array(
  z.object({
    name: z.string(),
    shape: z.array(z.int().min(0)).readonly(),
    from: z.string().optional(),
    found: z.string().optional(),
    done: z.string(),
  }),
);
export const weightsEventSchema = z.object({
  kind: z.literal('weights'),
  at,
  role,
  file: z.string(),
  format: z.string(),
  table: z.string(),
  names: z.string(),
  loaded: weightLines,
  missing: weightLines,
  unexpected: weightLines,
  otherShape: weightLines,
});
export const warningEventSchema = z.object({
  kind: z.literal('warning'),
  at,
  message: z.string(),
  /** Samples of the dataset that are left out from here on, as `split/id`. */
  leftOut: z.array(z.string()).optional(),
});
export const endEventSchema = z.object({
  kind: z.literal('end'),
  at,
  status: z.enum(['finished', 'stopped', 'failed']),
  error: z.string().optional(),
  code: z.string().optional(),
});
/** Written when a run goes on from a checkpoint: events of that stage with a later step are superseded. */
export const resumeEventSchema = z.object({
  kind: z.literal('resume'),
  at,
  stage: stageId,
  step: z.int().min(0),
});

/** The worker rests between two steps, after a checkpoint, until it is told to go on. */
export const pausedEventSchema = z.object({
  kind: z.literal('paused'),
  at,
  stage: stageId,
  step: z.int().min(0),
});
export const continuedEventSchema = z.object({
  kind: z.literal('continued'),
  at,
  stage: stageId,
  step: z.int().min(0),
});

export const runEventSchema = z.discriminatedUnion('kind', [
  stageEventSchema,
  stepEventSchema,
  evaluationEventSchema,
  sampleEventSchema,
  checkpointEventSchema,
  weightsEventSchema,
  warningEventSchema,
  endEventSchema,
  resumeEventSchema,
  pausedEventSchema,
  continuedEventSchema,
]);
export type RunEvent = z.infer<typeof runEventSchema>;
export type StepEvent = z.infer<typeof stepEventSchema>;
export type EvaluationEvent = z.infer<typeof evaluationEventSchema>;
export type SampleEvent = z.infer<typeof sampleEventSchema>;
export type WeightsEvent = z.infer<typeof weightsEventSchema>;
