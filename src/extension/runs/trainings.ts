import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EventEmitter, type LogOutputChannel, l10n, window } from 'vscode';
import type { WorkerCommand } from '../../protocol/worker';
import { requestStop } from '../../run/run-folder';
import { DisposableOwner } from '../lifecycle';
import { settings } from '../settings';
import { WorkerProcess } from '../worker-process';
import type { RunStore } from './store';

/** After this long a stop is slow enough to ask whether to wait for it. */
const PATIENCE_MS = 30_000;

/** A worker that could not begin; the message is complete in itself. */
export class StartFailure extends Error {}

/**
 * The trainings that this window started. Others (another window, the command line, this window before it was reloaded)
 * are known through their run folders alone and are stopped through them.
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

  /**
   * Starts a run and resolves with its folder once that exists.
   * @param workspace absolute folder that will hold `.distill/runs`
   */
  start(configFile: string, workspace: string): Promise<string> {
    return this.#launch({ kind: 'start', configFile, workspace, engine: settings.engine });
  }

  /** Goes on from the last checkpoint. */
  resume(runFolder: string): Promise<string> {
    return this.#launch({ kind: 'resume', runFolder });
  }

  /** Asks for an orderly end, whoever trains this run. */
  stop(runFolder: string): void {
    const worker = this.#workers.get(runFolder);
    this.#log.info(`stop ${runFolder} (${worker ? `worker ${worker.pid}` : 'started elsewhere'})`);
    if (worker) {
      worker.stop();
      setTimeout(() => void this.#offerKill(runFolder, worker), PATIENCE_MS).unref();
    } else requestStop(runFolder);
  }

  async #offerKill(runFolder: string, worker: WorkerProcess): Promise<void> {
    if (this.#workers.get(runFolder) !== worker) return;
    const now = l10n.t('End Now');
    const choice = await window.showWarningMessage(
      l10n.t(
        '{0} is still busy before it can stop. Ended now, it loses what came after its last checkpoint.',
        basename(runFolder),
      ),
      now,
    );
    if (choice === now) worker.kill('SIGKILL');
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
    this.#log.info(`worker ${worker.pid}: ${JSON.stringify(command)}`);
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
