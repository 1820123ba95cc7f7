import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import { EventEmitter, type LogOutputChannel } from 'vscode';
import { type WorkerCommand, type WorkerMessage, workerMessageSchema } from '../protocol/worker';
import { DisposableOwner } from './lifecycle';
import { requireTrust } from './trust';

export interface WorkerOptions {
  /** Absolute path of dist/worker.js. */
  script: string;
  /** Where what the worker prints goes until its run folder exists; the end of it is shown if it dies early. */
  outputFile: string;
  /** Another Node.js than the one this process runs on. */
  nodePath?: string | undefined;
  log: LogOutputChannel;
}

/**
 * How long a worker may take from being asked to stop to its end. It finishes what it is at, which may be an evaluation
 * of a whole split, and writes a checkpoint; ended before that it loses all since the last one.
 */
const GRACE_MS = 300_000;
const KILL_AFTER_TERM_MS = 5_000;
const OUTPUT_TAIL = 4_000;

/**
 * The child process that trains one run. It is detached and its output goes to a file, so that it outlives this window:
 * closing VS Code or reloading the window does not end a training.
 */
export class WorkerProcess extends DisposableOwner {
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  readonly #message = this.own(new EventEmitter<WorkerMessage>());
  readonly #exit = this.own(new EventEmitter<{ code: number | null; output: string }>());
  readonly onMessage = this.#message.event;
  /** Fires once, also when the process could not be started (`code` null). */
  readonly onExit = this.#exit.event;
  #timers: NodeJS.Timeout[] = [];
  #gone = false;

  constructor(options: WorkerOptions) {
    super();
    this.#options = options;
    requireTrust();
    const output = fs.openSync(options.outputFile, 'w');
    try {
      this.#child = fork(options.script, [], {
        serialization: 'advanced',
        detached: true,
        // Not those of the extension host: an inspected host must not make its workers wait for a debugger.
        execArgv: [],
        stdio: ['ignore', output, output, 'ipc'],
        ...(options.nodePath ? { execPath: options.nodePath } : {}),
      });
    } finally {
      fs.closeSync(output);
    }
    this.#child.on('message', (value) => this.#receive(value));
    this.#child.once('error', (error) => this.#end(null, error.message));
    this.#child.once('exit', (code) => this.#end(code));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(command: WorkerCommand): void {
    this.#child.send(command, (error) => {
      if (error && !this.#gone) this.#options.log.warn(`worker ${this.pid}: ${error.message}`);
    });
  }

  /** Asks for an orderly end; a worker that does not answer in time is ended, and its run can be resumed. */
  stop(): void {
    if (this.#gone || this.#timers.length > 0) return;
    this.send({ kind: 'stop' });
    this.#timers = [
      setTimeout(() => this.kill('SIGTERM'), GRACE_MS),
      setTimeout(() => this.kill('SIGKILL'), GRACE_MS + KILL_AFTER_TERM_MS),
    ];
  }

  /** Ends the process at once; its run goes on from the last checkpoint when it is resumed. */
  kill(signal: NodeJS.Signals): void {
    if (this.#gone) return;
    this.#options.log.warn(`worker ${this.pid}: sending ${signal}`);
    this.#child.kill(signal);
  }

  #receive(value: unknown): void {
    const parsed = workerMessageSchema.safeParse(value);
    if (parsed.success) this.#message.fire(parsed.data);
    else this.#options.log.warn(`worker ${this.pid}: message not understood: ${parsed.error.message}`);
  }

  #end(code: number | null, reason = ''): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#exit.fire({ code, output: reason || this.#outputTail() });
  }

  #outputTail(): string {
    try {
      return fs.readFileSync(this.#options.outputFile, 'utf8').slice(-OUTPUT_TAIL).trim();
    } catch {
      return '';
    }
  }

  /** Lets go of the process without ending it. */
  override dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#child.removeAllListeners();
    // A late error of a process that nobody follows any more must not reach the extension host.
    this.#child.on('error', () => undefined);
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
    super.dispose();
  }
}
