import { parentPort } from 'node:worker_threads';
import { answer, type CheckAnswer, type CheckJob } from './jobs';

/** Entry of a worker thread: answers chunks of jobs in the order they come. */
let queue = Promise.resolve();

parentPort!.on('message', (jobs: CheckJob[]) => {
  queue = queue.then(async () => {
    const answers: CheckAnswer[] = [];
    for (const job of jobs) answers.push(await answer(job));
    parentPort!.postMessage(answers);
  });
});
