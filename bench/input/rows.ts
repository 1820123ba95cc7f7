import type { AugmentOptions } from '../../src/data/augment/options';

/** What both sides load. */
export interface Loading {
  kind: 'camvid' | 'cityscapes';
  style: 'cirkd' | 'mmseg';
  crop: AugmentOptions['crop'];
  batch: number;
}

/** A row of the input's results. */
export type InputRow = { name: string; what: string } & (
  | {
      measures: 'rate';
      loading: Loading;
      /** Of ours; PyTorch's DataLoader keeps no decoded images. */
      cacheMiB: number;
      /** What ours / PyTorch in images per second is meant to reach. */
      target: number;
    }
  | { measures: 'stall'; target: number }
  | { measures: 'memory'; target: number }
);

const camvid: Loading = { kind: 'camvid', style: 'cirkd', crop: [360, 360], batch: 8 };
const cityscapes: Loading = { kind: 'cityscapes', style: 'cirkd', crop: [512, 1024], batch: 4 };

/** As many worker threads, and worker processes of the DataLoader. */
export const WORKERS = 2;
export const TARGET = 1.3;

export const inputRows: readonly InputRow[] = [
  {
    name: 'input-camvid',
    what: 'CamVid (PNG, 480 x 360), augmentation of CIRKD, crops of 360 x 360, every image decoded every time',
    measures: 'rate',
    loading: camvid,
    cacheMiB: 0,
    target: TARGET,
  },
  {
    name: 'input-camvid-mmseg',
    what: 'the same with the augmentation of mmsegmentation (photometric distortion, cat_max_ratio)',
    measures: 'rate',
    loading: { ...camvid, style: 'mmseg' },
    cacheMiB: 0,
    target: TARGET,
  },
  {
    name: 'input-camvid-cached',
    what: 'as input-camvid, after an epoch with the default of dataset.cacheMiB, which holds all of CamVid',
    measures: 'rate',
    loading: camvid,
    cacheMiB: 512,
    target: TARGET,
  },
  {
    name: 'input-cityscapes-size',
    what: 'generated PNG pairs of 2048 x 1024, augmentation of CIRKD, crops of 512 x 1024',
    measures: 'rate',
    loading: cityscapes,
    cacheMiB: 0,
    target: TARGET,
  },
  {
    name: 'input-cityscapes-size-mmseg',
    what: 'the same with the augmentation of mmsegmentation',
    measures: 'rate',
    loading: { ...cityscapes, style: 'mmseg' },
    cacheMiB: 0,
    target: TARGET,
  },
  {
    name: 'input-stall',
    what: 'share of a student step (DeepLabV3-ResNet18, batch 2, 256 x 256, CamVid) spent waiting for its batch, %',
    measures: 'stall',
    target: 2,
  },
  {
    name: 'input-memory',
    what: 'growth of the resident memory, after collecting garbage, from batch 2000 to its largest up to batch 5000 (small images, 2 threads), %',
    measures: 'memory',
    target: 5,
  },
];
