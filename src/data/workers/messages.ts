import type { ErrorCode } from '../../protocol/errors';
import type { CropJob, CropperOptions } from '../cropper';
import type { DatasetLayout } from '../datasets/layout';

/** What a crop worker is started with. */
export interface WorkerStart {
  layout: Pick<DatasetLayout, 'name' | 'root' | 'classes' | 'labels' | 'samples'>;
  options: CropperOptions;
  /** Decoded samples this worker may keep, in MiB. */
  cacheMiB: number;
  /** Pixels of one crop. */
  pixels: number;
  /** Whole batches, shared with the training process. */
  slots: { images: SharedArrayBuffer; labels: SharedArrayBuffer }[];
}

export interface WorkerJob extends CropJob {
  id: number;
  slot: number;
  /** Crop within the batch. */
  at: number;
}

export interface WorkerAnswer {
  id: number;
  error?: { code: ErrorCode; what: string; where: string | undefined; remedy: string };
}
