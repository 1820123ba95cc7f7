import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { RandomStream } from '../engine/random';
import { DistillError } from '../protocol/errors';
import { resolveAugment } from './augment/options';
import { Cropper } from './cropper';
import type { Batch, BatchLoader, Dataset, LoaderOptions } from './dataset';
import { emptySplit } from './file-dataset';
import { CropPool } from './workers/pool';

const stateSchema = z.object({ position: z.int().min(0), samples: z.int().min(1) });

/** Batches made ahead. Two ride out a slow image; more only take memory. */
const AHEAD = 2;
/** Below this many pixels of a batch, of images that are files below so many bytes, threads gain nothing. */
const SMALL_BATCH = 200_000;
const SMALL_FILE = 100_000;
const MAX_WORKERS = 8;

/** One batch of memory, used again and again. */
interface Slot {
  images: Float32Array;
  labels: Int32Array;
}

interface Ahead {
  slot: number;
  position: number;
  ids: Promise<string[]>;
}

/**
 * Endless training batches, made ahead in worker threads. Position p of a stage is a sample of the epoch's permutation
 * and a random stream, both functions of seed, stage and p alone: the position is all the state there is, and a resumed
 * run sees the same crops however far the loader was ahead.
 *
 * A batch's arrays are used again: they hold until the next call of `next`.
 * Errors: those of `Dataset.load`; dataset-empty when every sample turns out to be unusable; io when a thread died.
 */
export function createBatchLoader(options: LoaderOptions): BatchLoader {
  const { dataset, batch: n, augment, seed, stage } = options;
  const [height, width] = augment.crop;
  const pixels = height * width;
  const count = dataset.ids('train').length;
  const workers = dataset.layout ? (options.workers ?? defaultWorkers(dataset, n * pixels)) : 0;
  const cropping = {
    augment: resolveAugment(augment, dataset.name),
    seed,
    stream: `augment/${stage}`,
  };
  const lent = workers > 0 ? (dataset.lendCache?.() ?? 0) : 0;

  const shared = workers > 0 ? SharedArrayBuffer : ArrayBuffer;
  const buffers = Array.from({ length: workers > 0 ? AHEAD + 1 : 1 }, () => ({
    images: new shared(n * pixels * 3 * Float32Array.BYTES_PER_ELEMENT),
    labels: new shared(n * pixels * Int32Array.BYTES_PER_ELEMENT),
  }));
  const slots: Slot[] = buffers.map(({ images, labels }) => ({
    images: new Float32Array(images),
    labels: new Int32Array(labels),
  }));
  const pool =
    workers > 0
      ? new CropPool(Math.min(workers, count), {
          layout: dataset.layout!,
          options: cropping,
          cacheMiB: lent,
          pixels,
          slots: buffers as { images: SharedArrayBuffer; labels: SharedArrayBuffer }[],
        })
      : undefined;
  const cropper = pool ? undefined : new Cropper(dataset, cropping);

  let position = 0;
  const ahead: Ahead[] = [];
  const order = epochOrder(seed, `shuffle/${stage}`, count);

  const cropInto = (slot: number, at: number, job: { position: number; index: number }): Promise<void> => {
    if (pool) return pool.crop({ ...job, slot, at });
    const { images, labels } = slots[slot]!;
    return cropper!.crop(
      job,
      images.subarray(at * pixels * 3, (at + 1) * pixels * 3),
      labels.subarray(at * pixels, (at + 1) * pixels),
    );
  };

  /** The sample of a position or, where that is left out, another drawn for this position. */
  const fill = async (slot: number, at: number, place: number): Promise<string> => {
    const instead = RandomStream.seeded(seed, `instead/${stage}/${place}`);
    let index = order(place);
    for (let tries = 0; tries < 20 * count; tries++, index = instead.int(count)) {
      if (dataset.leavesOut('train', index)) continue;
      try {
        await cropInto(slot, at, { position: place, index });
        return dataset.ids('train')[index]!;
      } catch (error) {
        const ofSample = error instanceof DistillError && error.code !== 'io';
        if (!ofSample || !dataset.leaveOut('train', index, error)) throw error;
      }
    }
    throw emptySplit(dataset.root, 'train');
  };

  const begin = (): void => {
    const last = ahead.at(-1);
    const start = last ? last.position + n : position;
    const slot = (start / n) % slots.length;
    const ids = Promise.all(Array.from({ length: n }, (_, at) => fill(slot, at, start + at)));
    // Looked at when its turn comes; until then a failure must not count as unhandled.
    ids.catch(() => {});
    ahead.push({ slot, position: start, ids });
  };

  return {
    async next(): Promise<Batch> {
      while (ahead.length === 0 || (pool && ahead.length < AHEAD)) begin();
      const { slot, ids: made } = ahead[0]!;
      const ids = await made;
      ahead.shift();
      position += n;
      // The slot handed out last time is free now: work goes on while the caller trains on this one.
      if (pool) begin();
      return { ids, ...slots[slot]!, n, height, width };
    },

    state: () => ({ position, samples: count }),

    restore(state: unknown): void {
      const parsed = stateSchema.safeParse(state);
      if (!parsed.success || parsed.data.samples !== count || parsed.data.position % n !== 0)
        throw new DistillError(
          'checkpoint-mismatch',
          `The saved position in the dataset does not fit this dataset of ${count} training images.`,
          { where: dataset.root, remedy: 'Restore the dataset as it was, or start a new run.' },
        );
      if (ahead.length > 0) throw new Error('A loader is restored before its first batch.');
      position = parsed.data.position;
    },

    close: async () => {
      ahead.length = 0;
      await pool?.close();
      if (lent > 0) dataset.returnCache?.(lent);
    },
  };
}

/** Sample of a position: every epoch is a permutation of its own. */
function epochOrder(seed: number, name: string, count: number): (position: number) => number {
  const epochs = new Map<number, Int32Array>();
  return (position) => {
    const epoch = Math.floor(position / count);
    let order = epochs.get(epoch);
    if (!order) {
      order = RandomStream.seeded(seed, `${name}/${epoch}`).permutation(count);
      epochs.delete(epoch - 2);
      epochs.set(epoch, order);
    }
    return order[position % count]!;
  };
}

/** Half of the processors, as the engine wants the others; none where that little work is not worth a thread. */
function defaultWorkers(dataset: Dataset, pixels: number): number {
  if (pixels < SMALL_BATCH && firstFile(dataset) < SMALL_FILE) return 0;
  return Math.min(MAX_WORKERS, Math.max(1, availableParallelism() >> 1));
}

/** Bytes of the first training image; 0 if it is not there, which whoever reads it will say. */
function firstFile({ layout }: Dataset): number {
  return statSync(layout?.samples.train[0]?.image ?? '', { throwIfNoEntry: false })?.size ?? 0;
}
