import { z } from 'zod';

/** `training.ohem`: which pixels the cross entropy of all heads is averaged over. */
export const ohemSchema = z
  .strictObject({
    form: z
      .enum(['published', 'none', 'stdc', 'mmseg'])
      .default('published')
      .describe(
        'Online hard example mining. `stdc`: mean over the pixels whose labelled class has a probability below the threshold, at least `minKept` of them (STDC-Seg). `mmseg`: the sampler of mmsegmentation, whose sum over hard pixels is divided by all pixels. `none`: mean over all labelled pixels. `published`: as the network was trained, which is `stdc` for STDC and `none` for the others. RDD weights the pixels of the student itself and takes its place there.',
      ),
    threshold: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.7)
      .describe(
        'Probability of the labelled class below which a pixel is hard. STDC-Seg and mmsegmentation: 0.7.',
      ),
    minKept: z
      .int()
      .min(1)
      .optional()
      .describe(
        'At least this many pixels per image are kept, counted over the batch. Default: a 16th of the crop (`stdc`: STDC-Seg), or 10 000 (`mmseg`: its configurations of STDC).',
      ),
  })
  .prefault({})
  .describe('Online hard example mining: which pixels the task loss is averaged over.');

/** `training.detailWeight` */
export const detailWeightSchema = z
  .number()
  .min(0)
  .optional()
  .describe(
    'Weight of the detail head of STDC, which learns where boundaries are (binary cross entropy and Dice loss). Default: 1, as published.',
  );
