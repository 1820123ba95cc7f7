import { parentPort, workerData } from 'node:worker_threads';
import { DistillError } from '../../protocol/errors';
import { Cropper } from '../cropper';
import { FileDataset } from '../file-dataset';
import type { WorkerAnswer, WorkerJob, WorkerStart } from './messages';

/** Entry of a worker thread: crops in the order they were asked for, written straight into the shared batches. */
const { layout, options, cacheMiB, pixels, slots } = workerData as WorkerStart;
const cropper = new Cropper(
  new FileDataset({ ...layout, problems: [], orphans: [] }, 'stop', cacheMiB),
  options,
);
let queue = Promise.resolve();

parentPort!.on('message', (job: WorkerJob) => {
  queue = queue.then(async () => parentPort!.postMessage(await answer(job)));
});

async function answer({ id, slot, at, position, index }: WorkerJob): Promise<WorkerAnswer> {
  const { images, labels } = slots[slot]!;
  try {
    await cropper.crop(
      { position, index },
      new Float32Array(images, at * pixels * 3 * Float32Array.BYTES_PER_ELEMENT, pixels * 3),
      new Int32Array(labels, at * pixels * Int32Array.BYTES_PER_ELEMENT, pixels),
    );
    return { id };
  } catch (error) {
    if (!(error instanceof DistillError)) throw error;
    const { code, what, where, remedy } = error;
    return { id, error: { code, what, where, remedy } };
  }
}
