import { z } from 'zod';

const ratio = z.number().gt(0).max(8);

/**
 * `training.augment`: how a crop is made of an image. What a style leaves open can be set alone; what is not set is as the
 * style has it (src/data/augment/options.ts).
 */
export const augmentSchema = z
  .strictObject({
    style: z
      .enum(['cirkd', 'mmseg'])
      .default('cirkd')
      .describe(
        'Whose augmentation: every field below that is not set follows CIRKD (the code base of RDD and LAD) or mmsegmentation.',
      )
      .meta({
        enumDescriptions: [
          'Scale by 0.5, 0.6, ..., 2.0, pad, crop, flip; B G R minus the Caffe mean.',
          'Scale by 0.5 to 2.0, crop of several classes, flip, photometric distortion; R G B over ImageNet mean and deviation, pad.',
        ],
      }),
    scale: z.boolean().default(true).describe('Random scale before the crop (CIRKD, mmsegmentation).'),
    ratios: z
      .enum(['tenths', 'uniform'])
      .optional()
      .describe(
        'Which scales are drawn. `tenths`: those of the range in steps of 0.1, all equally likely (CIRKD). `uniform`: any of the range (mmsegmentation).',
      ),
    ratioRange: z
      .tuple([ratio, ratio])
      .refine(([least, most]) => least <= most, 'The smaller scale comes first.')
      .default([0.5, 2])
      .describe('Smallest and largest random scale. CIRKD and mmsegmentation: 0.5 and 2.'),
    baseSize: z
      .union([z.literal('image'), z.tuple([z.int().min(16).max(16384), z.int().min(16).max(16384)])])
      .optional()
      .describe(
        'What scale 1 is: `image`, the size of the image itself (CIRKD), or the size [width, height] that images are fitted into with their proportions kept. mmsegmentation: [2048, 1024] for Cityscapes, [2048, 512] for ADE20K, Pascal VOC and COCO-Stuff; `image` for other datasets.',
      ),
    catMaxRatio: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe(
        'A crop is drawn again, up to ten times, while one class covers this share of its labelled pixels or more. mmsegmentation: 0.75. 1: the first crop is taken (CIRKD).',
      ),
    flip: z.boolean().default(true).describe('Horizontal flip with probability 0.5 (CIRKD, mmsegmentation).'),
    photometric: z
      .boolean()
      .optional()
      .describe(
        'Random brightness (by up to 32), contrast and saturation (by 0.5 to 1.5) and hue (by up to 18 of 180), each with probability 0.5 (mmsegmentation). CIRKD: off.',
      ),
    pixels: z
      .enum(['caffe', 'imagenet'])
      .optional()
      .describe(
        'How pixels become numbers, in training and in evaluation. `caffe`: B G R minus 104.007, 116.669, 122.679 (CIRKD). `imagenet`: R G B minus 123.675, 116.28, 103.53, over 58.395, 57.12, 57.375 (mmsegmentation). Weights that a network begins with expect what they were trained on.',
      )
      .meta({
        enumDescriptions: [
          'B G R minus the Caffe mean, no standard deviation (CIRKD).',
          'R G B minus the ImageNet mean, over the standard deviation (mmsegmentation, torchvision).',
        ],
      }),
    padValue: z
      .number()
      .default(0)
      .describe(
        'Value, after normalisation, of pixels beyond the image where that is smaller than the crop; their label is to be ignored. CIRKD and mmsegmentation: 0.',
      ),
  })
  .prefault({})
  .describe('How crops for the training are made of images.');

export type AugmentConfig = z.output<typeof augmentSchema>;
/** How pixels become numbers. */
export type PixelStyle = NonNullable<AugmentConfig['pixels']>;

/** How the pixels of a run become numbers. */
export function pixelsOf({ style, pixels }: Pick<Partial<AugmentConfig>, 'style' | 'pixels'>): PixelStyle {
  return pixels ?? (style === 'mmseg' ? 'imagenet' : 'caffe');
}
