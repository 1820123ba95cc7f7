import { z } from 'zod';
import { direction, temperature, weight } from './config-terms';

const tfe = z
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
    weighting: z
      .enum(['pixel', 'mean'])
      .optional()
      .describe(
        '`pixel`: every pixel has its own weight (paper, and the script for KD). `mean`: the mean loss times the mean weight, which is what the scripts for AT, DSD and CIRKD compute, because their cross entropy is a mean already. Default: `pixel`; with "fidelity": "code" beside one of those methods `mean`.',
      ),
  })
  .prefault({})
  .describe('Teacher-full evaluation: the heads of the teacher say how hard each pixel is.');

const tse = z
  .strictObject({
    mode: z
      .enum(['xor', 'or', 'and', 'ohem'])
      .default('xor')
      .describe(
        'How the hard pixels of student and teacher are combined; `ohem`: those of the student alone. RDD paper, Table 6: XOR is best.',
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
      .describe(
        'Class weights of the task loss in TSE. Default: for Cityscapes the table of the code, for other datasets and with "fidelity": "paper" none. A list of ones turns them off.',
      ),
    reduction: z
      .enum(['kept', 'all'])
      .optional()
      .describe('Mean over the kept pixels (code) or over all pixels (paper Eq. 10).'),
  })
  .prefault({})
  .describe('Teacher-student evaluation: what teacher and student find hard.');

export const rddSchema = z
  .strictObject({
    kind: z.literal('rdd'),
    fidelity: z
      .enum(['code', 'paper'])
      .optional()
      .describe(
        'Follow the released RDD code or the paper where they differ; single switches below override it. Left out: the code, but with weights for each pixel beside AT, DSD and CIRKD too, which its scripts lose.',
      ),
    stages: z
      .enum(['both', 'tfe', 'tse'])
      .default('both')
      .describe(
        'Teacher-full evaluation (TFE), then teacher-student evaluation (TSE), as in paper and code; or one of them alone.',
      ),
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
    tfe,
    tse,
    kd: z
      .strictObject({
        weight: weight
          .default(1)
          .describe('Weight of plain KD. RDD: 1; with DSD 0. A method "kd" in the list would add to it.'),
        temperature: temperature.default(1).describe('Softmax temperature. RDD: 1.'),
        direction,
      })
      .prefault({})
      .describe('The plain KD beside it.'),
  })
  .describe(
    'RDD: relative difficulty distillation. The task loss is weighted by how hard each pixel is, first for the teacher, then for teacher and student.',
  );
