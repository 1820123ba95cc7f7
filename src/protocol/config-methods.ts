import { z } from 'zod';
import { ladSchema } from './config-lad';
import { rddSchema } from './config-rdd';
import { adapterLr, direction, temperature, weight } from './config-terms';

/** One entry of `methods` each. Weights are those of the scripts of CIRKD, the code base of LAD and RDD. */

const kdSchema = z
  .strictObject({
    kind: z.literal('kd'),
    weight: weight.default(1).describe('Weight. CIRKD scripts: 1.'),
    temperature: temperature.default(1).describe('Temperature. CIRKD scripts: 1.'),
    direction,
  })
  .describe(
    'KD: the KL divergence between the class probabilities of teacher and student, pixel by pixel (Hinton et al.).',
  );

const cwdSchema = z
  .strictObject({
    kind: z.literal('cwd'),
    on: z
      .enum(['logits', 'features', 'both'])
      .default('logits')
      .describe(
        'What is distilled: the logits, the features before the classifier through a trained 1x1 convolution, or both as in the CIRKD scripts.',
      ),
    weight: weight
      .default(3)
      .describe('Weight of channel-wise distillation on the logits. CIRKD scripts: 3.'),
    featureWeight: weight.default(50).describe('Weight on the features. CIRKD scripts: 50.'),
    temperature: temperature
      .default(4)
      .describe('Temperature. CIRKD scripts: 4; mmrazor has 1 with weight 5.'),
    adapterLr,
  })
  .describe(
    'CWD: channel-wise distillation, the KL divergence between maps that are normalised over the image (Shu et al., ICCV 2021).',
  );

const adversarialFields = {
  weight: weight
    .default(0.001)
    .describe(
      'Weight of the term the student sees, -mean(D(student)). CIRKD scripts: 0.001. 0: no discriminator.',
    ),
  discriminatorWeight: weight
    .default(0.1)
    .describe('Weight of the hinge loss the discriminator learns from. CIRKD scripts: 0.1.'),
  lr: z
    .number()
    .positive()
    .default(4e-4)
    .describe(
      'Learning rate of the discriminator: Adam with betas 0.9 and 0.99, constant. CIRKD scripts: 4e-4.',
    ),
  lastKernel: z
    .int()
    .min(1)
    .max(4)
    .default(4)
    .describe(
      'Size of the last convolution of the discriminator, which sees the logits at a 16th of their size. CIRKD: 4, so that crops below 512 pixels are too small for it.',
    ),
};

const skdSchema = z
  .strictObject({
    kind: z.literal('skd'),
    weight: weight
      .default(10)
      .describe('Weight of pair-wise distillation of the features. CIRKD scripts: 10.'),
    adversarial: z.strictObject(adversarialFields).prefault({}).describe('Holistic distillation.'),
  })
  .describe(
    'SKD: structured distillation, pair-wise similarity of features and a discriminator on the logits (Liu et al., CVPR 2019).',
  );

const adversarialSchema = z
  .strictObject({ kind: z.literal('adversarial'), ...adversarialFields })
  .describe(
    'A discriminator tells the maps of logits of teacher and student apart: the holistic term of SKD, by itself.',
  );

const ifvdSchema = z
  .strictObject({
    kind: z.literal('ifvd'),
    weight: weight.default(20).describe('Weight of intra-class feature variation. CIRKD scripts: 20.'),
  })
  .describe(
    'IFVD: intra-class feature variation, the similarity of each pixel to the centre of its class (Wang et al., ECCV 2020).',
  );

const atSchema = z
  .strictObject({
    kind: z.literal('at'),
    weight: weight
      .default(10000)
      .describe('Weight of attention transfer on the features before the classifier. CIRKD scripts: 10 000.'),
  })
  .describe('AT: attention transfer, where the features are strong (Zagoruyko and Komodakis, ICLR 2017).');

const fitnetSchema = z
  .strictObject({
    kind: z.literal('fitnet'),
    weight: weight
      .default(10)
      .describe(
        'Weight of the squared difference of the features, through a trained 1x1 convolution. CIRKD scripts: 10.',
      ),
    adapterLr,
  })
  .describe('FitNet: the features themselves, through a trained 1x1 convolution (Romero et al., ICLR 2015).');

const dsdSchema = z
  .strictObject({
    kind: z.literal('dsd'),
    pixelWeight: weight
      .default(1000)
      .describe('Weight of the pixel-wise similarity of attention maps. CIRKD scripts: 1000.'),
    categoryWeight: weight.default(10).describe('Weight of the similarity of categories. CIRKD scripts: 10.'),
    temperature: temperature.default(4).describe('Temperature of the category term. CIRKD: 4.'),
  })
  .describe('DSD: double similarity distillation, of pixels and of categories (Feng et al., TIP 2021).');

const distSchema = z
  .strictObject({
    kind: z.literal('dist'),
    weight: weight.default(1).describe('Weight of the sum. DIST: 1.'),
    inter: weight.default(1).describe('Share of the correlation over classes. DIST: 1.'),
    intra: weight.default(1).describe('Share of the correlation over pixels. DIST: 1.'),
    temperature: temperature.default(1).describe('Softmax temperature. DIST: 1.'),
  })
  .describe(
    'DIST: correlation of the predictions over classes and over pixels (Huang et al., NeurIPS 2022).',
  );

const count = (fallback: number, words: string) => z.int().min(1).default(fallback).describe(words);

const cirkdSchema = z
  .strictObject({
    kind: z.literal('cirkd'),
    batch: z
      .strictObject({
        weight: weight
          .default(1)
          .describe('Weight of the pixel-to-pixel term in the batch. CIRKD scripts: 1.'),
        temperature: temperature.default(0.1).describe('Temperature of the similarities. CIRKD: 0.1.'),
        group: z
          .int()
          .min(1)
          .optional()
          .describe(
            'Images that are compared with each other. Default: the whole batch; CIRKD compares those on one GPU, which are 2 of 16 on its 8 GPUs.',
          ),
      })
      .prefault({})
      .describe('Pixels of the images of a batch.'),
    memory: z
      .strictObject({
        pixelWeight: weight
          .optional()
          .describe('Weight of the pixel-to-pixel term with the memory. CIRKD scripts: 0.1, for VOC 0.01.'),
        regionWeight: weight
          .optional()
          .describe('Weight of the pixel-to-region term. CIRKD scripts: 0.1, for VOC 0.01.'),
        temperature: temperature.default(0.1).describe('Temperature of the similarities. CIRKD: 0.1.'),
        pixels: count(20000, 'Embeddings of pixels that are remembered per class. CIRKD: 20 000.'),
        regions: count(2000, 'Embeddings of regions that are remembered per class. CIRKD: 2000.'),
        pixelContrast: count(
          4096,
          'Remembered pixels that each step compares with, all classes together. CIRKD: 4096.',
        ),
        regionContrast: count(1024, 'The same of regions. CIRKD: 1024.'),
        pixelsPerImage: count(
          16,
          'Pixels that are remembered of each class in an image, at most. CIRKD: 16.',
        ),
        keys: z
          .enum(['class', 'first'])
          .default('class')
          .describe(
            'Which pixels are remembered of a class with n pixels: n at random of its own (`class`, as the paper says), or of the first n positions of the image (`first`, what the released code does).',
          ),
      })
      .prefault({})
      .describe('The memory of pixels and regions of earlier images.'),
    adapterLr,
  })
  .describe(
    'CIRKD: relations of pixels across the images of a batch and to a memory of pixels and regions (Yang et al., CVPR 2022).',
  );

export const methodSchema = z.discriminatedUnion('kind', [
  ladSchema,
  rddSchema,
  kdSchema,
  cwdSchema,
  skdSchema,
  ifvdSchema,
  atSchema,
  fitnetSchema,
  dsdSchema,
  cirkdSchema,
  distSchema,
  adversarialSchema,
]);
