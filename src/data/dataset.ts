import type { DistillError } from '../protocol/errors';
import type { AugmentOptions } from './augment/options';
import type { DatasetLayout } from './datasets/layout';

/** `test` may be empty: few datasets publish its labels. */
export type Split = 'train' | 'val' | 'test';
export interface ClassInfo {
  name: string;
  color: [number, number, number];
}

/** A decoded image: RGB, 3 bytes per pixel, row-major. Fewer rows than `height` only where fewer were asked for. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Class ids per pixel after the dataset's remapping; -1 = ignore. */
export interface LabelMap {
  width: number;
  height: number;
  data: Int8Array | Int16Array;
}

export interface Sample {
  /** File name without extension, unique within a split. */
  id: string;
  image: RgbImage;
  label: LabelMap;
}

export interface Dataset {
  readonly name: string;
  readonly root: string;
  readonly classes: readonly ClassInfo[];
  /** Ids of the usable samples of a split, in a fixed order. */
  ids(split: Split): readonly string[];
  /**
   * Reads and checks one sample. Errors: image-unreadable, dataset-size, dataset-label.
   * @param rows how many rows of the image are needed, from the top, by its label map: what is below them may be missing in
   * the image's data
   */
  load(split: Split, index: number, rows?: (label: LabelMap) => number): Promise<Sample>;
  /** Whether a sample was left out before. */
  leavesOut(split: Split, index: number): boolean;
  /** Enters a sample in `skipped` under `onProblem: skip`; false under `stop`: the error counts. */
  leaveOut(split: Split, index: number, error: DistillError): boolean;
  /** Where the files lie, for worker threads; undefined for a dataset that is not made of files. */
  readonly layout?: DatasetLayout;
  /** Gives most of what is left of the memory for decoded samples to worker threads, in MiB. */
  lendCache?(): number;
  /** Gives it back when the threads have ended. */
  returnCache?(mib: number): void;
  /** Samples left out because of `onProblem: skip`, as `split/id`, with the reason; filled as they are met. */
  readonly skipped: readonly { id: string; reason: string }[];
  /** What is odd about the folder but hinders nobody (a label without image). */
  readonly warnings: readonly string[];
}

/** A training batch, ready for the networks. */
export interface Batch {
  ids: string[];
  /** Normalised images, [n,height,width,3]; `pixels` of the augmentation says how. */
  images: Float32Array;
  /** [n,height,width], -1 = ignore. */
  labels: Int32Array;
  n: number;
  height: number;
  width: number;
}

/** Endless, shuffled, augmented batches whose position can be saved. */
export interface BatchLoader {
  /** The batch's arrays hold until the next call. */
  next(): Promise<Batch>;
  /** JSON-safe; taken between batches. */
  state(): unknown;
  /** Before the first batch. */
  restore(state: unknown): void;
  /** Ends worker threads. */
  close(): Promise<void>;
}

export interface LoaderOptions {
  dataset: Dataset;
  batch: number;
  augment: AugmentOptions;
  seed: number;
  /** Names the random streams: shuffle/<stage>, augment/<stage>. */
  stage: string;
  /** Threads; 0: in the training process; by default half of the processors, none for tiny batches. */
  workers?: number | undefined;
}
