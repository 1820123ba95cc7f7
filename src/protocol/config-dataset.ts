import { z } from 'zod';

/** The `dataset` section of a configuration. */
export const datasetSchema = z
  .strictObject({
    kind: z
      .enum([
        'sample',
        'folder',
        'cityscapes',
        'camvid',
        'voc',
        'ade20k',
        'coco-stuff-10k',
        'coco-stuff-164k',
      ])
      .describe(
        '`sample`: the embedded street scenes, made on demand. `folder`: images/{train,val} and labels/{train,val} with index PNGs and classes.json. The others: the released layouts of Cityscapes (leftImg8bit, gtFine), CamVid (SegNet), Pascal VOC 2012 with the augmented training set, ADE20K (ADEChallengeData2016), COCO-Stuff 10K (.mat or converted) and COCO-Stuff 164K.',
      )
      .meta({
        enumDescriptions: [
          'Embedded street scenes, made on demand.',
          'images/{train,val}, labels/{train,val} with index PNGs, classes.json.',
          'leftImg8bit/ and gtFine/; 19 classes, 2975 + 500 images. Published: crop 512x1024, batch 16, 40 000 steps, lr 0.02.',
          'SegNet layout; 11 classes, 367 + 101 images. Published: crop 360x360, batch 16, 40 000 steps, lr 0.02.',
          'JPEGImages/, SegmentationClass(Aug)/; 21 classes, 10 582 + 1449 images. Published: crop 512x512, batch 16, 40 000 steps, lr 0.02.',
          'images/ and annotations/; 150 classes, 20 210 + 2000 images. Published: crop 512x512, batch 16, 80 000 steps (RDD), lr 0.02.',
          'Original .mat files or converted PNGs; 171 classes, 9000 + 1000 images.',
          'stuffthingmaps PNGs; 182 classes (CIRKD) or 171 (mmsegmentation), 118 287 + 5000 images. Published: crop 512x512, batch 16, 80 000 steps, lr 0.02.',
        ],
      }),
    root: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Dataset folder, absolute or relative to the configuration file. Not needed for `sample`, where it defaults to .distill/datasets/sample.',
      )
      .meta({ format: 'folder' }),
    convention: z
      .enum(['182', '171'])
      .optional()
      .describe(
        'COCO-Stuff 164K only. `182` (default): raw ids, eleven of which never occur (CIRKD). `171`: the classes that occur (mmsegmentation). Their mIoU cannot be compared: that over 182 is 171/182 of the other.',
      ),
    workers: z
      .int()
      .min(0)
      .max(64)
      .optional()
      .describe(
        'Threads that decode and augment images while the engine trains; 0: none, in the training process. By default half of the processors, none for tiny batches. Results do not depend on it.',
      ),
    cacheMiB: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Memory for decoded images, so that small datasets are decoded once. In MiB, all threads together; 512 by default.',
      ),
    onProblem: z
      .enum(['stop', 'skip'])
      .default('stop')
      .describe(
        'A sample that cannot be used (unreadable, label missing or of another size, unknown class id): stop with an error, or leave it out and count it.',
      ),
  })
  .describe('Images with labels to train and validate on.');
