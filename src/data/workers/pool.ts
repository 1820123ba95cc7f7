import type { Worker } from 'node:worker_threads';
import { DistillError } from '../../protocol/errors';
import { openOwnThread } from '../own-thread';
import type { WorkerAnswer, WorkerJob, WorkerStart } from './messages';

/** Of each thread: what it makes per crop is short-lived, and V8 would let it grow to three times as much. */
const YOUNG_MIB = 16;

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Threads that decode and augment. A sample always goes to the same thread, so that each keeps its own part of the
 * decoded samples and none is kept twice.
 */
export class CropPool {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #broken: Error | undefined;
  #alive: NodeJS.Timeout | undefined;

  constructor(count: number, start: WorkerStart) {
    const share = { ...start, cacheMiB: start.cacheMiB / count };
    this.#workers = Array.from({ length: count }, () => this.#open(share));
  }

  /** Resolves when the crop stands in its slot. Errors: those of `Dataset.load`; io when a thread died. */
  crop(job: Omit<WorkerJob, 'id'>): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Threads do not keep the process alive; somebody who waits for one does.
      this.#alive ??= setInterval(() => {}, 60_000);
      const worker = this.#workers[job.index % this.#workers.length]!;
      worker.postMessage({ ...job, id } satisfies WorkerJob);
    });
  }

  async close(): Promise<void> {
    this.#broken ??= new Error('The loader was closed.');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#failAll(this.#broken);
  }

  #open(start: WorkerStart): Worker {
    const worker = openOwnThread('workers/crop-worker', {
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    worker.on('message', ({ id, error }: WorkerAnswer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      this.#rest();
      if (error) waiting?.reject(new DistillError(error.code, error.what, error));
      else waiting?.resolve();
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail());
    worker.unref();
    return worker;
  }

  #fail(cause?: Error): void {
    this.#broken ??= new DistillError(
      'io',
      `A thread that prepares images ended${cause ? ` (${cause.message})` : ''}.`,
      {
        remedy:
          'Resume the run; if it happens again set dataset.workers to 0, which prepares images in the training process.',
        cause,
      },
    );
    this.#failAll(this.#broken);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#rest();
  }

  #rest(): void {
    if (this.#waiting.size > 0) return;
    clearInterval(this.#alive);
    this.#alive = undefined;
  }
}
