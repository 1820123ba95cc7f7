import { z } from 'zod';
import { DistillError } from '../protocol/errors';
import { augmentInto, drawAugment } from './augment';
import type { Batch, BatchLoader, LoaderOptions } from './dataset';
import { emptySplit, loadUsable } from './file-dataset';

const stateSchema = z.object({ order: z.array(z.int().min(0)), position: z.int().min(0) });

/**
 * Endless training batches: every epoch is a fresh permutation from `shuffle`, the tail of an epoch shares a batch with
 * the head of the next. Nothing is read ahead: the state between two batches and the two random streams (which the
 * trainer saves) are all there is, so a resumed run sees the same batches.
 * Errors: those of `Dataset.load`; dataset-empty when every sample turns out to be unusable.
 */
export function createBatchLoader(options: LoaderOptions): BatchLoader {
  const { dataset, batch: n, augment, shuffle, random } = options;
  const [height, width] = augment.crop;
  const count = dataset.ids('train').length;
  let order: ArrayLike<number> = [];
  let position = 0;

  const nextIndex = () => {
    if (position >= order.length) {
      order = shuffle.permutation(count);
      position = 0;
    }
    return order[position++]!;
  };

  const nextSample = async () => {
    for (let tries = 0; tries < 2 * count; tries++) {
      const sample = await loadUsable(dataset, 'train', nextIndex());
      if (sample) return sample;
    }
    throw emptySplit(dataset.root, 'train');
  };

  return {
    async next(): Promise<Batch> {
      const ids: string[] = [];
      const images = new Float32Array(n * height * width * 3);
      const labels = new Int32Array(n * height * width);
      for (let i = 0; i < n; i++) {
        const sample = await nextSample();
        const draw = drawAugment(sample.image, augment, random);
        const at = i * height * width;
        const end = at + height * width;
        augmentInto(sample, draw, augment.crop, images.subarray(at * 3, end * 3), labels.subarray(at, end));
        ids.push(sample.id);
      }
      return { ids, images, labels, n, height, width };
    },

    state: () => ({ order: Array.from(order), position }),

    restore(state: unknown): void {
      const parsed = stateSchema.safeParse(state);
      if (!parsed.success || !fits(parsed.data, count))
        throw new DistillError(
          'checkpoint-mismatch',
          `The saved position in the dataset does not fit this dataset of ${count} training images.`,
          { where: dataset.root, remedy: 'Restore the dataset as it was, or start a new run.' },
        );
      order = parsed.data.order;
      position = parsed.data.position;
    },
  };
}

/** A permutation of all samples, or nothing yet. */
function fits({ order, position }: z.infer<typeof stateSchema>, count: number): boolean {
  if (order.length === 0) return position === 0;
  return (
    order.length === count &&
    new Set(order).size === count &&
    order.every((i) => i < count) &&
    position <= count
  );
}
