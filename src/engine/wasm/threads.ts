import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DistillError } from '../../protocol/errors';
import type { BackendModule } from './backend-module';
import type { KernelModule } from './kernel-module';

/** The kernels of native/wasm-kernels, by the names of its enum `Kernel`; their arguments are described there. */
export type KernelName =
  | 'packRows'
  | 'packTransposed'
  | 'convProduct'
  | 'convFilterGrad'
  | 'channelSums'
  | 'channelAffine'
  | 'channelNormGrad'
  | 'reluGrad'
  | 'sgdStep'
  | 'alongAxis'
  | 'maxPoolGrad'
  | 'depthwiseProduct'
  | 'depthwiseFilterGrad'
  | 'winogradInput'
  | 'winogradGradient'
  | 'winogradProduct'
  | 'winogradFilterGrad';
/** Numbers that the kernels decide on and that say how a job splits into tasks. */
export type KernelConstant =
  | 'BLOCK'
  | 'FILTER_BLOCK'
  | 'PACK_ROWS'
  | 'PER_TASK'
  | 'CHUNK'
  | 'POOL_CHANNELS'
  | 'DEPTHWISE_CHANNELS'
  | 'WINOGRAD_PRODUCTS'
  | 'WINOGRAD_COLUMNS';

// The control block, whose layout stands in native/wasm-kernels/threads.ts.
const CONTROL_BYTES = 512;
const WORKERS_OFFSET = 196;
const FAILED_OFFSET = 200;
const ARGS_OFFSET = 256;
const MOST_ARGS = (CONTROL_BYTES - ARGS_OFFSET) / 8;

/** More threads than this wait for each other more than they compute. */
const MOST_THREADS = 32;
/** A worker that has said nothing for so long will not come. */
const START_LIMIT_MS = 10_000;

/** In plain JavaScript and not in a file of its own, so that nothing has to be found at run time. */
const WORKER_CODE = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { module, memory, control, scratch, failed } = workerData;
  const { work } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  parentPort.postMessage('ready');
  try {
    work(control, scratch);
  } catch (error) {
    Atomics.store(new Int32Array(memory.buffer), failed >> 2, 1);
    throw error;
  }
`;

interface Exports {
  run(control: number, scratch: number, kernel: number, tasks: number): number;
  [constant: string]: unknown;
}

/** Whole tasks of a kernel, run by the caller's thread and those that help it. */
export class Threads {
  /** Those that compute, the caller's included. */
  readonly count: number;
  /** Why there are fewer than wanted. */
  readonly shortfall: string | undefined;
  readonly #exports: Exports;
  readonly #memory: WebAssembly.Memory;
  readonly #control: number;
  readonly #scratch: number;
  readonly #kernels = new Map<KernelName, number>();
  #args: Float64Array;

  private constructor(
    exports: Exports,
    memory: WebAssembly.Memory,
    control: number,
    scratch: number,
    started: Started,
  ) {
    this.#exports = exports;
    this.#memory = memory;
    this.#control = control;
    this.#scratch = scratch;
    this.count = started.workers + 1;
    this.shortfall = started.problem;
    this.#args = new Float64Array(memory.buffer, control + ARGS_OFFSET, MOST_ARGS);
  }

  /**
   * Starts the threads. They share the backend's memory, sleep while there is nothing to do, do not keep the process
   * alive and end with it. If they do not start, the caller's thread computes alone and `shortfall` says why.
   */
  static async start(
    { module }: KernelModule,
    backend: BackendModule,
    memory: WebAssembly.Memory,
    wanted: number,
  ): Promise<Threads> {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } }) as unknown as {
      exports: Exports;
    };
    const scratchBytes = constant(exports, 'SCRATCH');
    // Never freed: they live as long as the backend. Room to begin each on a cache line of its own.
    const allocate = (bytes: number) => (backend._malloc(bytes + 64) + 63) & ~63;
    const control = allocate(CONTROL_BYTES) >>> 0;
    new Uint8Array(memory.buffer, control, CONTROL_BYTES).fill(0);
    const scratch = () => allocate(scratchBytes) >>> 0;
    const jobs = Array.from({ length: wanted - 1 }, () => ({
      module,
      memory,
      control,
      scratch: scratch(),
      failed: control + FAILED_OFFSET,
    }));
    const started = await startWorkers(jobs);
    new Int32Array(memory.buffer, control + WORKERS_OFFSET, 1)[0] = started.workers;
    return new Threads(exports, memory, control, scratch(), started);
  }

  /** The number of a constant of the kernels. */
  constant(name: KernelConstant): number {
    return constant(this.#exports, name);
  }

  /**
   * Runs `tasks` tasks of a kernel and returns when all are done. Results do not depend on the number of threads.
   * @param args byte offsets (`WasmHeap.pointer`) and numbers
   */
  run(kernel: KernelName, tasks: number, ...args: number[]): void {
    if (this.#args.buffer !== this.#memory.buffer)
      this.#args = new Float64Array(this.#memory.buffer, this.#control + ARGS_OFFSET, MOST_ARGS);
    this.#args.set(args);
    let id = this.#kernels.get(kernel);
    if (id === undefined) {
      id = constant(this.#exports, `Kernel.${kernel}`);
      this.#kernels.set(kernel, id);
    }
    if (!this.#exports.run(this.#control, this.#scratch, id, tasks))
      throw new DistillError('engine-operation', `A thread of the WebAssembly engine failed (${kernel}).`, {
        remedy: 'Resume the run from its last checkpoint; with DISTILL_THREADS=1 there is no other thread.',
      });
  }
}

interface Started {
  workers: number;
  problem?: string;
}

/** Resolves when every worker is at work, or the first could not start: then none is kept. */
async function startWorkers(jobs: object[]): Promise<Started> {
  const workers: Worker[] = [];
  try {
    // Not the parent's flags: under a loader for TypeScript each worker would start it, too.
    for (const workerData of jobs)
      workers.push(new Worker(WORKER_CODE, { eval: true, workerData, execArgv: [], name: 'wasm engine' }));
    await Promise.all(workers.map(ready));
    return { workers: workers.length };
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return { workers: 0, problem: error instanceof Error ? error.message : String(error) };
  }
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`no answer from a thread within ${START_LIMIT_MS / 1000} s`)),
      START_LIMIT_MS,
    );
    worker.once('message', () => {
      clearTimeout(limit);
      worker.unref();
      resolve();
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with code ${code}`)));
  });
}

function constant(exports: Exports, name: string): number {
  return (exports[name] as WebAssembly.Global).value as number;
}

/**
 * How many threads to compute with: what the variable DISTILL_THREADS says, else one per processor that this process may
 * use. Errors: usage.
 */
export function wantedThreads(): number {
  const wanted = process.env.DISTILL_THREADS;
  if (!wanted) return Math.min(availableParallelism(), MOST_THREADS);
  const count = Number(wanted);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_THREADS) return count;
  throw new DistillError('usage', `${wanted} is no number of threads.`, {
    where: 'DISTILL_THREADS',
    remedy: `Give a whole number from 1 to ${MOST_THREADS}, or leave the variable out.`,
  });
}
