import { type ChildProcess, fork } from 'node:child_process';
import { ownProgram } from '../engine/program';
import { DistillError } from '../protocol/errors';
import { type WorkerCommand, workerMessageSchema } from '../protocol/worker';

/** How a training ended, as far as its process could tell. */
export interface TrainingEnd {
  status: 'finished' | 'stopped' | 'failed';
  error?: DistillError;
}

export interface TrainingListeners {
  /** The run folder exists. */
  onCreated(run: { id: string; folder: string }): void;
  /** The journal grew. */
  onProgress(): void;
}

const OUTPUT_TAIL = 2000;

/** A run that is trained in a child process, so that many in a row share neither memory nor the fate of one that crashes. */
export class TrainingProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<TrainingEnd>;

  constructor(command: WorkerCommand, listeners: TrainingListeners) {
    const { script, execArgv } = ownProgram('worker');
    this.#child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv,
    });
    this.ended = this.#follow(listeners);
    this.#child.send(command, () => undefined);
  }

  /** Asks for an orderly end, with a checkpoint. */
  stop(): void {
    if (this.#child.connected) this.#child.send({ kind: 'stop' } satisfies WorkerCommand, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #follow({ onCreated, onProgress }: TrainingListeners): Promise<TrainingEnd> {
    let status: TrainingEnd['status'] = 'failed';
    let error: DistillError | undefined;
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_TAIL);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.on('message', (value) => {
      const parsed = workerMessageSchema.safeParse(value);
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.kind === 'created') onCreated({ id: message.id, folder: message.runFolder });
      else if (message.kind === 'progress') onProgress();
      else if (message.kind === 'ended') status = message.status;
      else error = new DistillError('run-broken', message.message, { remedy: '' });
    });
    return new Promise((resolve) => {
      this.#child.once('error', (cause) => {
        resolve({ status: 'failed', error: died(`could not be started: ${cause.message}`, cause) });
      });
      this.#child.once('close', (code, signal) => {
        // It says how it ended before it goes; one that goes without a word crashed.
        const silent = status === 'failed' && error === undefined;
        if (silent) error = died(`ended with ${signal ?? `status ${code}`}. ${output.trim()}`);
        resolve(error ? { status, error } : { status });
      });
    });
  }
}

function died(how: string, cause?: unknown): DistillError {
  return new DistillError('run-broken', `The process of the training ${how}`, {
    remedy: 'Run the study again to go on from the last checkpoint.',
    cause,
  });
}
