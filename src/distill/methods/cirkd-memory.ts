import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { RandomStream } from '../../engine/random';
import type { MethodConfig } from '../../protocol/config';
import { classMasks, labelsAt } from '../losses/label-masks';
import { normaliseRows } from '../losses/normalise';
import { MemoryQueues } from '../memory-queues';
import type { StepContext, StoredArray } from '../method';

type MemoryOptions = Extract<MethodConfig, { kind: 'cirkd' }>['memory'];

/** What CIRKD remembers of the teacher: embeddings of pixels and of regions, by class. */
export class CirkdMemory {
  readonly #options: MemoryOptions;
  readonly #classes: number;
  readonly #dimensions: number;
  readonly #pixels: MemoryQueues;
  readonly #regions: MemoryQueues;

  constructor(options: MemoryOptions, classes: number, dimensions: number) {
    this.#options = options;
    this.#classes = classes;
    this.#dimensions = dimensions;
    this.#pixels = new MemoryQueues(classes, options.pixels, dimensions);
    this.#regions = new MemoryQueues(classes, options.regions, dimensions);
  }

  fill(random: RandomStream): void {
    this.#pixels.fill(random);
    this.#regions.fill(random);
  }

  /**
   * Remembers of every class in every image the mean embedding, and some pixels.
   * Source: CIRKD, losses/cirkd_memory.py, _dequeue_and_enqueue.
   * @param rows embeddings of the teacher of length 1, [N*h*w,D]
   */
  remember(
    ctx: Pick<StepContext, 'engine' | 'labels' | 'batch'>,
    rows: Tensor2D,
    [n, h, w]: readonly [number, number, number],
    random: RandomStream,
  ): void {
    const { engine, labels, batch } = ctx;
    const { tf } = engine;
    const ids = labelsAt(batch.labels, labels.shape, [h, w]);
    const chosen = this.#choose(ids, n, random);
    if (chosen.length === 0) return;
    const regions = tf.tidy(() => {
      const masks = classMasks(engine, labels, [h, w], this.#classes);
      const images = tf.reshape(rows, [n, h * w, this.#dimensions]) as Tensor3D;
      // The direction of a sum is that of the mean.
      return normaliseRows(tf, tf.matMul(masks, images, true)).dataSync<'float32'>();
    });
    const places = Int32Array.from(chosen.flatMap((c) => [...c.places]));
    const pixels = tf.tidy(() => tf.gather(rows, tf.tensor1d(places, 'int32')).dataSync<'float32'>());
    let at = 0;
    for (const { image, id, places: own } of chosen) {
      const region = image * this.#classes + id;
      this.#regions.remember(id, regions as Float32Array, region, region + 1);
      this.#pixels.remember(id, pixels as Float32Array, at, at + own.length);
      at += own.length;
    }
  }

  /** Pixels to remember, for every class that an image shows: rows of the batch. */
  #choose(ids: Int32Array, images: number, random: RandomStream) {
    const { pixelsPerImage, keys } = this.#options;
    const perImage = ids.length / images;
    const chosen: { image: number; id: number; places: number[] }[] = [];
    for (let image = 0; image < images; image++) {
      const first = image * perImage;
      const byClass: number[][] = Array.from({ length: this.#classes }, () => []);
      for (let i = first; i < first + perImage; i++) if (ids[i]! >= 0) byClass[ids[i]!]!.push(i);
      for (const [id, own] of byClass.entries()) {
        if (own.length === 0) continue;
        const order = random.permutation(own.length).subarray(0, pixelsPerImage);
        chosen.push({
          image,
          id,
          places: Array.from(order, (k) => (keys === 'class' ? own[k]! : first + k)),
        });
      }
    }
    return chosen;
  }

  /** Keys that a step compares with, the same places of every class: [K,D] each. */
  contrast({ tf }: Engine, random: RandomStream): { pixels: Tensor2D; regions: Tensor2D } {
    const { pixelContrast, regionContrast } = this.#options;
    const keys = (queues: MemoryQueues, total: number) => {
      const places = queues.places(Math.floor(total / this.#classes) + 1, random);
      return tf.tensor2d(queues.at(places), [this.#classes * places.length, this.#dimensions]);
    };
    return {
      regions: keys(this.#regions, regionContrast),
      pixels: keys(this.#pixels, pixelContrast),
    };
  }

  arrays(): [string, StoredArray][] {
    return [
      ['memory.pixels', this.#pixels.stored],
      ['memory.regions', this.#regions.stored],
    ];
  }

  get positions(): { pixels: number[]; regions: number[] } {
    return { pixels: this.#pixels.positions, regions: this.#regions.positions };
  }

  set positions({ pixels, regions }: { pixels: readonly number[]; regions: readonly number[] }) {
    this.#pixels.positions = [...pixels];
    this.#regions.positions = [...regions];
  }
}

/** Embeddings of all positions of a batch, of length 1: [N*h*w,D]. */
export function embeddings({ tf }: Engine, features: Tensor4D): Tensor2D {
  return normaliseRows(tf, tf.reshape(features, [-1, features.shape[3]]) as Tensor2D);
}
