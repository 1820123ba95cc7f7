import type { z } from 'zod';
import type { datasetSchema } from './config-dataset';

type DatasetConfig = z.output<typeof datasetSchema>;

/** What is known of a dataset without opening it. */
export interface DatasetFacts {
  title: string;
  /** Undefined where the folder's own classes.json says it. */
  classes: number | undefined;
  /** Images per split of the release; `val` is what selects checkpoints here. */
  sizes?: { train: number; val: number; test?: number };
  /**
   * Published training settings, the defaults for this dataset: CIRKD's scripts (RDD the same), ADE20K's iterations as in RDD;
   * COCO-Stuff 10K, which CIRKD does not have: mmsegmentation's schedule_40k.
   */
  training?: { iterations: number; crop: [number, number]; lr: number; batch: number };
  /** Folders or files, any one set of which makes a root one of this kind (the first is the usual one); relative. */
  expected: readonly (readonly string[])[];
}

const cirkd = (crop: [number, number], iterations = 40000) => ({ iterations, crop, lr: 0.02, batch: 16 });

const FACTS: Record<DatasetConfig['kind'], DatasetFacts> = {
  sample: { title: 'Sample scenes', classes: undefined, expected: [] },
  folder: {
    title: 'Folder of images and index PNGs',
    classes: undefined,
    expected: [['images/train', 'images/val', 'labels/train', 'labels/val', 'classes.json']],
  },
  cityscapes: {
    title: 'Cityscapes',
    classes: 19,
    sizes: { train: 2975, val: 500, test: 1525 },
    training: cirkd([512, 1024]),
    expected: [['leftImg8bit/train', 'leftImg8bit/val', 'gtFine/train', 'gtFine/val']],
  },
  camvid: {
    title: 'CamVid',
    classes: 11,
    sizes: { train: 367, val: 101, test: 233 },
    training: cirkd([360, 360]),
    expected: [['train', 'trainannot', 'val', 'valannot'], ['camvid_train_list.txt']],
  },
  voc: {
    title: 'Pascal VOC 2012, augmented',
    classes: 21,
    sizes: { train: 10582, val: 1449, test: 1456 },
    training: cirkd([512, 512]),
    expected: [
      ['JPEGImages', 'SegmentationClass'],
      ['VOC2012/JPEGImages', 'VOC2012/SegmentationClass'],
      ['VOCdevkit/VOC2012/JPEGImages', 'VOCdevkit/VOC2012/SegmentationClass'],
    ],
  },
  ade20k: {
    title: 'ADE20K',
    classes: 150,
    sizes: { train: 20210, val: 2000 },
    training: cirkd([512, 512], 80000),
    expected: [
      ['images/training', 'images/validation', 'annotations/training', 'annotations/validation'],
      ['ADEChallengeData2016/images/training', 'ADEChallengeData2016/annotations/training'],
    ],
  },
  'coco-stuff-164k': {
    title: 'COCO-Stuff 164K',
    classes: 182,
    sizes: { train: 118287, val: 5000 },
    training: cirkd([512, 512], 80000),
    expected: [
      ['images/train2017', 'images/val2017', 'annotations/train2017', 'annotations/val2017'],
      ['images/train2017', 'images/val2017', 'stuffthingmaps/train2017', 'stuffthingmaps/val2017'],
      [
        'images/train2017',
        'images/val2017',
        'annotations/stuffthingmaps/train2017',
        'annotations/stuffthingmaps/val2017',
      ],
    ],
  },
  'coco-stuff-10k': {
    title: 'COCO-Stuff 10K',
    classes: 171,
    sizes: { train: 9000, val: 1000 },
    training: { ...cirkd([512, 512]), lr: 0.01 },
    expected: [
      ['images', 'annotations', 'imageLists'],
      ['images/train2014', 'images/test2014', 'annotations/train2014', 'annotations/test2014'],
    ],
  },
};

export function datasetFacts(config: Pick<DatasetConfig, 'kind' | 'convention'>): DatasetFacts {
  const facts = FACTS[config.kind];
  return config.kind === 'coco-stuff-164k' ? { ...facts, classes: Number(config.convention ?? 182) } : facts;
}

/** Every kind there is, with its facts. */
export const datasetKinds = Object.keys(FACTS) as DatasetConfig['kind'][];

/**
 * Which layout a folder has; undefined for none that is known.
 * @param has whether a path relative to the folder is there
 */
export function recogniseDataset(has: (path: string) => boolean): DatasetConfig['kind'] | undefined {
  return datasetKinds.find((kind) => FACTS[kind].expected.some((set) => set.every(has)));
}
