import { z } from 'zod';
import { temperature, weight } from './config-terms';

const noise = z
  .strictObject({
    codes: z
      .enum(['random', 'fixed'])
      .default('random')
      .describe(
        'Values of the classes while the teacher learns. `random`: drawn anew for each image, path and step (LAD code). `fixed`: always the table (k-11)/10, without class noise (an ablation).',
      ),
    classStd: z
      .number()
      .min(0)
      .default(1)
      .describe('Standard deviation of the value drawn per class. LAD code: 1.'),
    pixelStd: z
      .number()
      .min(0)
      .default(0.03)
      .describe('Standard deviation of the noise per pixel. LAD code: 0.03. 0: without pixel noise.'),
    scale: z
      .number()
      .positive()
      .default(100)
      .describe(
        'Factor that brings the label channel to the range of the mean-subtracted image. LAD code: 100.',
      ),
    ignore: z
      .enum(['own-id', 'zero'])
      .default('own-id')
      .describe(
        'What ignored pixels look like. `own-id`: like one more class (LAD code). `zero`: 0 without noise.',
      ),
  })
  .prefault({})
  .describe('How the label is noised for the teacher.');

const consistency = z
  .strictObject({
    distance: z
      .enum(['cwd', 'kl', 'squared'])
      .default('cwd')
      .describe(
        'Distance between the predictions of the two paths. `cwd`: channel-wise distillation (LAD code). `kl`: of the class probabilities of each pixel. `squared`: squared difference of the probabilities. The abstract of the paper says "distance loss" only.',
      ),
    weight: weight.default(5).describe('Weight of the dual-path consistency. LAD code: 5.'),
    temperature: temperature
      .default(4)
      .describe('Temperature of its softmax; `squared` has none. LAD code: 4.'),
    symmetric: z
      .boolean()
      .default(true)
      .describe('Each path follows the other (LAD code); else the first follows the second.'),
    detachTarget: z
      .boolean()
      .default(true)
      .describe('The path that is followed receives no gradient (LAD code).'),
  })
  .prefault({})
  .describe('What keeps the two paths of the teacher together while it learns.');

const auxWeight = (source: string) =>
  weight
    .optional()
    .describe(
      `Weight of the auxiliary heads in this stage. Default: that of \`training.auxWeight\`. ${source}`,
    );

export const ladSchema = z
  .strictObject({
    kind: z.literal('lad'),
    noise,
    paths: z
      .literal([1, 2])
      .default(2)
      .describe(
        'Noised inputs of each image while the teacher learns. 2: with their consistency (LAD code). 1: single path, without (an ablation).',
      ),
    consistency,
    teacher: z
      .strictObject({ auxWeight: auxWeight('LAD code: 0.4.') })
      .prefault({})
      .describe('The stage in which the teacher learns.'),
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
      .prefault({})
      .describe('What the teacher sees while it teaches.'),
    student: z
      .strictObject({
        loss: z
          .enum(['cwd', 'kd', 'pixel-kl', 'dist', 'none'])
          .default('cwd')
          .describe(
            'How the teacher teaches. `cwd`: channel-wise distillation of the logits (LAD code). `pixel-kl` and `dist`: alternatives that its file has and does not use. `kd`: plain KD. `none`: by the other methods of the list alone, which see the same teacher.',
          ),
        weight: weight
          .optional()
          .describe('Weight of that loss. `cwd`: 3 (LAD code). The others: 1 (not recorded).'),
        temperature: temperature
          .optional()
          .describe('Its temperature. `cwd` and `pixel-kl`: 4 (LAD code). `kd` and `dist`: 1.'),
        auxWeight: auxWeight('LAD code: 0.02 in the script that fine-tunes a trained student; CIRKD: 0.4.'),
      })
      .prefault({})
      .describe('The stage in which the student learns.'),
  })
  .describe(
    'LAD: label assisted distillation. The teacher sees noised labels beside the image and teaches a student that does not.',
  );
