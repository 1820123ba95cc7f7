import { z } from 'zod';
import { datasetSchema } from './config-dataset';

/** What `distill data check --json` prints, the Datasets view shows, and is kept per user until the next check. */

export const splitNameSchema = z.enum(['train', 'val', 'test']);
export type SplitName = z.infer<typeof splitNameSchema>;

/** How a sample can be wrong. All but the last stop a run, unless it leaves such samples out. */
export const datasetProblemCodeSchema = z.enum([
  'dataset-pair', // image without label map, listed image that is not there, two images of one name
  'image-unreadable', // image or label map: damaged, cut off, no picture at all
  'dataset-size', // image and label map of different sizes
  'dataset-label', // values that are no class ids of this dataset, colours instead of ids
  'label-without-image',
]);
export type DatasetProblemCode = z.infer<typeof datasetProblemCodeSchema>;

export const datasetProblemSchema = z.object({
  code: datasetProblemCodeSchema,
  split: splitNameSchema,
  /** Name of the sample in its split. */
  id: z.string(),
  /** Absolute path of the file it is about. */
  file: z.string(),
  /** What is wrong; one sentence. */
  what: z.string(),
  /** What to do about it. */
  remedy: z.string(),
  /** Stored values that are no class ids: how many pixels have each, and where the first is (row by row). */
  ids: z.array(z.object({ value: z.int(), count: z.int(), x: z.int(), y: z.int() })).optional(),
});
export type DatasetProblem = z.infer<typeof datasetProblemSchema>;

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Measured on the samples that were decoded; `samples` of them. */
export const splitStatisticsSchema = z.object({
  samples: z.int(),
  /** Of the label maps. */
  pixels: z.number(),
  /** Pixels that are ignored; in pixels. */
  ignored: z.number(),
  /** Per channel, R G B, in grey levels 0..255; null without a decoded image. */
  mean: triple.nullable(),
  std: triple.nullable(),
  /** By class id: labelled pixels, and samples in which the class occurs. */
  classes: z.array(z.object({ pixels: z.number(), samples: z.int() })),
  /** Smallest and largest image as [width, height] by area; null as `mean`. */
  smallest: z.tuple([z.int(), z.int()]).nullable(),
  largest: z.tuple([z.int(), z.int()]).nullable(),
});
export type SplitStatistics = z.infer<typeof splitStatisticsSchema>;

export const splitReportSchema = z.object({
  split: splitNameSchema,
  /** Pairs of image and label map. */
  pairs: z.int(),
  /** Pairs without a problem, as far as they were looked at. */
  usable: z.int(),
  /** Images of the release; null where there is no official number. */
  official: z.int().nullable(),
  /** Pairs whose files were opened at all, and those decoded in full. */
  opened: z.int(),
  decoded: z.int(),
  statistics: splitStatisticsSchema,
});
export type SplitReport = z.infer<typeof splitReportSchema>;

export const datasetReportSchema = z.object({
  version: z.literal(1),
  kind: datasetSchema.shape.kind,
  convention: datasetSchema.shape.convention,
  /** Absolute folder as it was given, and the one in which the layout was found. */
  root: z.string(),
  folder: z.string(),
  title: z.string(),
  classes: z.array(z.object({ name: z.string(), color: z.tuple([z.int(), z.int(), z.int()]) })),
  splits: z.array(splitReportSchema),
  /** The first of them, worst first; `counts` has all. */
  problems: z.array(datasetProblemSchema),
  counts: z.partialRecord(datasetProblemCodeSchema, z.int()),
  /** Why it cannot be used at all: a folder that is missing, a list that is broken, a split without a usable sample. */
  unusable: z.string().nullable(),
  /** Every file was decoded. */
  full: z.boolean(),
  checkedAt: z.number(),
  ms: z.number(),
});
export type DatasetReport = z.infer<typeof datasetReportSchema>;

/** One line of progress on the standard error of a check that was asked for JSON. */
export const checkProgressSchema = z.object({ text: z.string(), done: z.int(), total: z.int() });
export type CheckProgress = z.infer<typeof checkProgressSchema>;

/** Problems that stop a run, or make it leave samples out. */
export function hindering(report: Pick<DatasetReport, 'counts'>): number {
  return Object.entries(report.counts).reduce(
    (sum, [code, count]) => sum + (code === 'label-without-image' ? 0 : count),
    0,
  );
}
