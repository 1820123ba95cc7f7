import { RandomStream } from '../engine/random';
import { CropMaker, rowsNeeded } from './augment/crop';
import { type AugmentDraw, drawAugment } from './augment/draw';
import type { Augmentation } from './augment/options';
import type { Dataset, LabelMap } from './dataset';

export interface CropperOptions {
  augment: Augmentation;
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
  readonly #maker: CropMaker;

  constructor(dataset: Dataset, options: CropperOptions) {
    this.#dataset = dataset;
    this.#options = options;
    this.#maker = new CropMaker(options.augment);
  }

  /** Writes the crop at `images` [height,width,3] and `labels` [height,width]. Errors: those of `Dataset.load`. */
  async crop({ position, index }: CropJob, images: Float32Array, labels: Int32Array): Promise<void> {
    const { augment, seed, stream } = this.#options;
    const random = RandomStream.seeded(seed, `${stream}/${position}`);
    let drawn: AugmentDraw | undefined;
    // The label is there first: it tells where to crop, and so how much of the image has to be decoded.
    const draw = (label: LabelMap): AugmentDraw => {
      drawn ??= drawAugment(label, augment, random);
      return drawn;
    };
    const sample = await this.#dataset.load('train', index, (label) =>
      rowsNeeded(label, draw(label), augment),
    );
    this.#maker.make(sample, draw(sample.label), images, labels);
  }
}
