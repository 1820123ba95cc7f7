import { RandomStream } from '../engine/random';
import { augmentInto, drawAugment } from './augment';
import type { AugmentOptions, Dataset } from './dataset';

export interface CropperOptions {
  augment: AugmentOptions;
  seed: number;
  /** Name of the random streams: `augment/<stage>`. */
  stream: string;
}

/** One crop to make, and where: the same in the training process and in a worker. */
export interface CropJob {
  /** Number of the crop since the stage began; the draws depend on nothing else. */
  position: number;
  /** Training sample. */
  index: number;
}

/**
 * Decodes and augments single training samples. Every position has a random stream of its own, so that crops may be made
 * ahead, elsewhere and in any order, and a resumed run sees the same ones.
 */
export class Cropper {
  readonly #dataset: Dataset;
  readonly #options: CropperOptions;

  constructor(dataset: Dataset, options: CropperOptions) {
    this.#dataset = dataset;
    this.#options = options;
  }

  /** Writes the crop at `images` [height,width,3] and `labels` [height,width]. Errors: those of `Dataset.load`. */
  async crop({ position, index }: CropJob, images: Float32Array, labels: Int32Array): Promise<void> {
    const { augment, seed, stream } = this.#options;
    const sample = await this.#dataset.load('train', index);
    const draw = drawAugment(sample.image, augment, RandomStream.seeded(seed, `${stream}/${position}`));
    augmentInto(sample, draw, augment.crop, images, labels);
  }
}
