import { z } from 'zod';

/**
 * A study: the same configuration in several variants ("arms"), each trained with the same seeds, so that differences
 * between arms can be paired. Read from a JSON or YAML file by `distill study`.
 */

const patch = z.record(z.string(), z.unknown());
const name = z.string().regex(/^[\w.+() -]+$/, 'Letters, digits, spaces and . + - _ ( ) make a name.');

export const studyArmSchema = z.strictObject({
  name: name.max(60).describe('Name of the arm in tables and plots.'),
  about: z.string().optional().describe('One sentence about it.'),
  config: patch
    .default({})
    .describe(
      'What differs from the base: a JSON merge patch (RFC 7396). Objects are merged, everything else is replaced, null removes a field.',
    ),
  teacher: name
    .optional()
    .describe(
      'Name of an earlier arm. The student it trained with the same seed, after its last step, is the frozen teacher of this arm.',
    ),
});
export type StudyArm = z.output<typeof studyArmSchema>;

export const studySchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: name.max(40).describe('Name of the study; its reports lie in .distill/studies/<name>.'),
    about: z.string().optional().describe('What is asked, in a sentence or two.'),
    base: z
      .union([z.string().min(1), patch])
      .describe(
        'Configuration that all arms share: a file, relative to the study, or the fields themselves.',
      ),
    seeds: z
      .array(z.int().min(1).max(0x7fffffff))
      .min(1)
      .describe('Every arm is trained once with each of them; they take the place of `training.seed`.'),
    arms: z.array(studyArmSchema).min(1),
    reference: name.optional().describe('The arm that others are compared with. Default: the first.'),
    score: z
      .enum(['last', 'best'])
      .default('last')
      .describe(
        'Which evaluation of the student counts: the one after the last step, or the best one, which is chosen on the validation split and therefore too high.',
      ),
    resamples: z
      .int()
      .min(1000)
      .max(1_000_000)
      .default(20_000)
      .describe('Bootstrap samples of an interval. Few seeds are resampled exhaustively instead.'),
  })
  .superRefine(({ seeds, arms, reference }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (new Set(seeds).size < seeds.length) refuse(['seeds'], 'Every seed once.');
    const names = arms.map((arm) => arm.name);
    for (const [i, arm] of arms.entries()) {
      if (names.indexOf(arm.name) < i) refuse(['arms', i, 'name'], `There are two arms "${arm.name}".`);
      if (arm.teacher !== undefined && !names.slice(0, i).includes(arm.teacher))
        refuse(['arms', i, 'teacher'], `No arm before this one is named "${arm.teacher}".`);
    }
    if (reference !== undefined && !names.includes(reference))
      refuse(['reference'], `No arm is named "${reference}".`);
  })
  .describe('A study: arms x seeds.');
export type Study = z.output<typeof studySchema>;

/** A range that holds the truth with 95 %, if its assumptions hold. */
export type Interval = [low: number, high: number];

/** One training of a study, as the report tells it. Shares are in [0,1]. */
export interface StudyRun {
  seed: number;
  /** Id of the run; absent while there is none. */
  run?: string | undefined;
  status: 'finished' | 'unfinished' | 'missing';
  error?: string | undefined;
  /** mIoU of the student that counts, CIRKD convention (an absent class counts 0), and with absent classes skipped. */
  miou?: number | undefined;
  miouPresent?: number | undefined;
  pixelAccuracy?: number | undefined;
  iou?: (number | null)[] | undefined;
  /** mIoU after the last step of the teacher stage, where the run had one. */
  teacherMiou?: number | undefined;
  /** Every evaluation of the student. */
  curve: { step: number; miou: number }[];
  cost: StudyCost;
}

export interface StudyCost {
  /** Seconds spent in optimiser steps, waiting for input included. */
  teacherSeconds: number;
  studentSeconds: number;
  /** Median milliseconds of a step of the student stage. */
  stepMs?: number | undefined;
  /** Most bytes the process was seen to hold. */
  peakMemory?: number | undefined;
}

/** An arm against the reference, over the seeds that both have finished. */
export interface StudyDifference {
  reference: string;
  seeds: number[];
  /** Differences of mIoU by seed, in the order of `seeds`. */
  values: number[];
  mean: number;
  /** 95 % percentile interval of the paired bootstrap over seeds; from two seeds on. */
  bootstrap?: Interval | undefined;
  /** 95 % interval of Student's t for paired differences; from two seeds on. */
  student?: Interval | undefined;
  /** Mean difference of IoU per class; null where a class is absent. */
  iou: (number | null)[];
}

export interface StudyArmResult {
  name: string;
  about?: string | undefined;
  methods: string[];
  student: string;
  /** Arm that provides the teacher. */
  teacher?: string | undefined;
  deviations: string[];
  runs: StudyRun[];
  /** Over finished runs. `sd`: sample standard deviation, from two runs on. */
  mean?: number | undefined;
  sd?: number | undefined;
  difference?: StudyDifference | undefined;
}

/** `report.json` of a study. */
export interface StudyReport {
  version: 1;
  name: string;
  about?: string | undefined;
  score: Study['score'];
  seeds: number[];
  reference: string;
  finished: number;
  planned: number;
  classes: { name: string; color: [number, number, number] }[];
  /** What computed, where; one line for each that took part. */
  machines: string[];
  arms: StudyArmResult[];
}
