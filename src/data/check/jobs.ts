import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { DistillError } from '../../protocol/errors';
import { openOwnThread } from '../own-thread';
import { examinePair, type PairFiles, stampOf } from './pair';
import { type PairRecord, sameStamp } from './record';

/** One sample to look at. */
export interface CheckJob extends PairFiles {
  /** Decode it, not only its headers. */
  full: boolean;
  /** What is known of the files as they were: nothing is read while they stay so. */
  known: PairRecord['stamp'] | undefined;
}

/** What came of a job; `same`: the files are what they were. */
export type CheckAnswer = PairRecord | 'same';

/** Between two messages to a thread: few enough that progress and an end come soon. */
const CHUNK = { full: 8, headers: 128 };
/** Below this many files a thread takes longer to start than it saves. */
const FEW = 40;
const MAX_WORKERS = 8;

export async function answer({ known, full, ...files }: CheckJob): Promise<CheckAnswer> {
  if (known && sameStamp(known, stampOf(files))) return 'same';
  return await examinePair(files, full);
}

/**
 * Looks at samples, many of them in worker threads; results come in any order.
 * @param workers threads; by default as many as there are processors, none for few files
 * Errors: the signal's reason once it is aborted; io when a thread died.
 */
export async function examineAll(
  jobs: readonly CheckJob[],
  onAnswer: (index: number, answer: CheckAnswer) => void,
  {
    signal,
    workers = defaultWorkers(jobs),
  }: { signal?: AbortSignal | undefined; workers?: number | undefined },
): Promise<void> {
  let next = 0;
  /** Indices of the jobs of the next chunk. */
  const take = (): number[] => {
    signal?.throwIfAborted();
    const size = jobs[next]?.full ? CHUNK.full : CHUNK.headers;
    const chunk = Array.from({ length: Math.min(size, jobs.length - next) }, (_, i) => next + i);
    next += chunk.length;
    return chunk;
  };
  if (workers === 0) {
    for (let chunk = take(); chunk.length > 0; chunk = take())
      for (const index of chunk) {
        onAnswer(index, await answer(jobs[index]!));
        // Decoding hardly waits for anything: signals would come at the end only.
        await new Promise((resume) => setImmediate(resume));
        signal?.throwIfAborted();
      }
    return;
  }
  const threads = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    openOwnThread('check/check-worker'),
  );
  try {
    await Promise.all(
      threads.map(async (thread) => {
        for (let chunk = take(); chunk.length > 0; chunk = take()) {
          const answers = await ask(
            thread,
            chunk.map((index) => jobs[index]!),
            signal,
          );
          for (const [i, index] of chunk.entries()) onAnswer(index, answers[i]!);
        }
      }),
    );
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function ask(thread: Worker, jobs: CheckJob[], signal: AbortSignal | undefined): Promise<CheckAnswer[]> {
  return new Promise((resolve, reject) => {
    const answered = (answers: CheckAnswer[]) => settle(() => resolve(answers));
    const aborted = () => settle(() => reject(signal?.reason));
    const died = (cause?: Error | number) =>
      settle(() =>
        reject(
          new DistillError(
            'io',
            `A thread that reads images ended${cause instanceof Error ? ` (${cause.message})` : ''}.`,
            {
              where: jobs[0]?.image,
              remedy: 'Check again; if it happens again, look at this file and those after it.',
              cause,
            },
          ),
        ),
      );
    const settle = (result: () => void) => {
      thread.off('message', answered).off('error', died).off('exit', died);
      signal?.removeEventListener('abort', aborted);
      result();
    };
    signal?.addEventListener('abort', aborted);
    thread.on('message', answered).on('error', died).on('exit', died);
    thread.postMessage(jobs);
  });
}

function defaultWorkers(jobs: readonly CheckJob[]): number {
  const work = jobs.filter(({ known }) => !known).length;
  return work < FEW ? 0 : Math.min(MAX_WORKERS, availableParallelism());
}
