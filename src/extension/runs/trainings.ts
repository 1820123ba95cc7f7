import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter, type LogOutputChannel, l10n } from 'vscode';
import type { WorkerCommand } from '../../protocol/worker';
import { endProcess } from '../../run/lock';
import { makeRequest, withdrawRequest } from '../../run/run-folder';
import { DisposableOwner } from '../lifecycle';
import { settings } from '../settings';
import { WorkerProcess } from '../worker-process';
import type { RunStore } from './store';

/** A worker that could not begin; the message is complete in itself. */
export class StartFailure extends Error {}

/** A configuration to be trained. Paths are absolute. */
export interface StartRequest {
  configFile: string;
  /** What to train if it is not what the file says now: the file as it was when the run was queued. */
  configText?: string | undefined;
  /** The folder that will hold `.distill/runs`. */
  workspace: string;
}

/**
 * The trainings that this window started. Others (another window, the command line, this window before it was reloaded)
 * are known through their run folders alone and are stopped and paused through them.
 */
export class Trainings extends DisposableOwner {
  readonly #store: RunStore;
  readonly #log: LogOutputChannel;
  readonly #script: string;
  readonly #logFolder: string;
  readonly #workers = new Map<string, WorkerProcess>();
  /** All of ours, also those that have no run folder yet. */
  readonly #processes = new Set<WorkerProcess>();
  readonly #started = this.own(new EventEmitter<string>());
  /** The folder of a run that begins or goes on. */
  readonly onDidStart = this.#started.event;
  readonly #ended = this.own(new EventEmitter<string>());
  /** The folder of a run whose process of ours has ended; its summary is up to date by then. */
  readonly onDidEnd = this.#ended.event;
  #count = 0;

  constructor(options: { store: RunStore; log: LogOutputChannel; script: string; logFolder: string }) {
    super();
    this.#store = options.store;
    this.#log = options.log;
    this.#script = options.script;
    this.#logFolder = options.logFolder;
    this.own({
      dispose: () => {
        for (const worker of this.#processes) worker.dispose();
      },
    });
  }

  /** Starts a run and resolves with its folder once that exists. */
  start(request: StartRequest): Promise<string> {
    return this.#launch({ kind: 'start', ...request, engine: settings.engine });
  }

  /** Goes on from the last checkpoint. */
  resume(runFolder: string): Promise<string> {
    return this.#launch({ kind: 'resume', runFolder });
  }

  /** Asks for an orderly end, whoever trains this run. */
  stop(runFolder: string): void {
    const worker = this.#workers.get(runFolder);
    this.#log.info(`stop ${runFolder} (${worker ? `worker ${worker.pid}` : 'started elsewhere'})`);
    if (worker) worker.stop();
    else makeRequest(runFolder, 'stop');
  }

  /** Ends the process that trains this run at once, whoever started it; the run goes on from its last checkpoint. */
  kill(runFolder: string): void {
    const worker = this.#workers.get(runFolder);
    this.#log.warn(`end ${runFolder} at once (${worker ? `worker ${worker.pid}` : 'started elsewhere'})`);
    if (worker) worker.kill('SIGKILL');
    else endProcess(runFolder);
    this.#store.touch(runFolder);
  }

  /** Asks for a rest between two steps, whoever trains this run. */
  pause(runFolder: string): void {
    this.#log.info(`pause ${runFolder}`);
    makeRequest(runFolder, 'pause');
  }

  /** Ends the rest. */
  continue(runFolder: string): void {
    this.#log.info(`continue ${runFolder}`);
    withdrawRequest(runFolder, 'pause');
  }

  async #launch(command: WorkerCommand): Promise<string> {
    mkdirSync(this.#logFolder, { recursive: true });
    const worker = new WorkerProcess({
      script: this.#script,
      outputFile: join(this.#logFolder, `worker-${process.pid}-${++this.#count}.log`),
      nodePath: settings.nodePath,
      log: this.#log,
    });
    this.#processes.add(worker);
    this.#log.info(
      `worker ${worker.pid}: ${command.kind} ${'configFile' in command ? command.configFile : ''}`,
    );
    const created = new Promise<string>((resolve, reject) => {
      let folder: string | undefined;
      let problem: string | undefined;
      worker.onMessage((message) => {
        switch (message.kind) {
          case 'created':
            folder = message.runFolder;
            this.#workers.set(folder, worker);
            resolve(folder);
            break;
          case 'progress':
            if (folder) this.#store.touch(folder);
            break;
          case 'error':
            problem = message.message;
            this.#log.error(`worker ${worker.pid}: [${message.code}] ${message.message}`);
            break;
          case 'ended':
            this.#log.info(`worker ${worker.pid}: ${message.status}`);
            if (folder) this.#store.touch(folder);
            break;
          default:
            message satisfies never;
        }
      });
      worker.onExit(({ code, output }) => {
        this.#log.info(`worker ${worker.pid}: exit ${code}${output ? `\n${output}` : ''}`);
        if (folder) {
          this.#workers.delete(folder);
          void this.#finish(folder);
        }
        const lastLine = output.split('\n').at(-1);
        reject(
          new StartFailure(
            problem ??
              l10n.t('The training process ended before it began ({0}). {1}', code ?? '?', lastLine || ''),
          ),
        );
        this.#processes.delete(worker);
        worker.dispose();
      });
    });
    worker.send(command);
    const folder = await created;
    this.#started.fire(folder);
    await this.#store.refresh(folder);
    return folder;
  }

  async #finish(folder: string): Promise<void> {
    await this.#store.refresh(folder);
    this.#ended.fire(folder);
  }
}
