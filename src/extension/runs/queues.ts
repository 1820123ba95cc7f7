import { EventEmitter, type LogOutputChannel, l10n, window, workspace } from 'vscode';
import type { Queue, QueueEntry } from '../../protocol/queue';
import type { RunLockHolder } from '../../run/lock';
import {
  change,
  changeQueue,
  fateOf,
  nextOf,
  ownQueue,
  queueFolder,
  readQueue,
  remove,
} from '../../run/queue';
import { runsFolder } from '../../run/run-folder';
import { DisposableOwner } from '../lifecycle';
import { messageOf } from '../log';
import { isActive } from '../text';
import { FolderWatches } from './folder-watches';
import type { RunStore } from './store';
import type { Trainings } from './trainings';

/** Watchers fail on some remote file systems. */
const POLL_MS = 5_000;

/** An entry and the workspace folder whose queue it waits in. */
export interface Queued {
  home: string;
  entry: QueueEntry;
}

/**
 * The queues of the folders that are open. The window that owns a queue starts its next run when nothing trains in that
 * folder any more, whoever started what trained there; when it goes away another window takes over, and until one is
 * open the queue waits.
 */
export class Queues extends DisposableOwner {
  readonly #store: RunStore;
  readonly #trainings: Trainings;
  readonly #log: LogOutputChannel;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #watches = this.own(new FolderWatches(() => void this.refresh()));
  readonly #queues = new Map<string, Queue>();
  readonly #owned = new Map<string, RunLockHolder>();
  /** Entries whose start is under way in this window. */
  readonly #starting = new Set<string>();
  #poll: NodeJS.Timeout;

  constructor(options: { store: RunStore; trainings: Trainings; log: LogOutputChannel }) {
    super();
    this.#store = options.store;
    this.#trainings = options.trainings;
    this.#log = options.log;
    this.own(options.store.onDidChange(() => this.#proceed()));
    this.own(workspace.onDidChangeWorkspaceFolders(() => void this.refresh()));
    this.own(workspace.onDidGrantWorkspaceTrust(() => this.#proceed()));
    this.#poll = setInterval(() => void this.refresh(), POLL_MS);
    this.own({
      dispose: () => {
        clearInterval(this.#poll);
        for (const lock of this.#owned.values()) lock.release();
      },
    });
    setImmediate(() => void this.refresh());
  }

  /** Folders that have a queue with something in it, or one that is held. */
  get all(): { home: string; queue: Queue }[] {
    return [...this.#queues]
      .filter(([, queue]) => queue.entries.length > 0 || queue.held)
      .map(([home, queue]) => ({ home, queue }));
  }

  of(home: string): Queue | undefined {
    return this.#queues.get(home);
  }

  async edit(home: string, how: (queue: Queue) => Queue): Promise<void> {
    this.#set(home, await changeQueue(home, how));
    await this.refresh();
  }

  /** Reads what other windows may have changed. */
  async refresh(): Promise<void> {
    if (this.disposed) return;
    const homes = this.#homes();
    for (const home of this.#queues.keys()) if (!homes.includes(home)) this.#queues.delete(home);
    for (const home of homes)
      try {
        this.#set(home, readQueue(home));
      } catch (error) {
        this.#log.warn(messageOf(error));
      }
    this.#watches.keep(new Set(homes.map(queueFolder)));
    this.#proceed();
  }

  #set(home: string, queue: Queue): void {
    if (JSON.stringify(this.#queues.get(home)) === JSON.stringify(queue)) return;
    this.#queues.set(home, queue);
    this.#changed.fire();
  }

  #homes(): string[] {
    return (workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
  }

  #proceed(): void {
    // Before all runs have been read once, one that trains may not be known.
    if (this.disposed || !workspace.isTrusted || !this.#store.scanned) return;
    for (const home of this.#queues.keys()) void this.#startNext(home);
  }

  async #startNext(home: string): Promise<void> {
    const next = nextOf(this.#queues.get(home)!);
    if (!next || this.#starting.has(next.id) || this.#busy(home)) return;
    this.#starting.add(next.id);
    try {
      if (!this.#own(home)) return;
      // Another window may have had its turn since this one looked.
      const entry = nextOf(readQueue(home));
      if (entry?.id !== next.id) return;
      if (entry.startingAt !== undefined) await this.#settle(home, entry);
      else await this.#start(home, entry);
    } catch (error) {
      this.#log.error(messageOf(error));
    } finally {
      this.#starting.delete(next.id);
    }
    await this.refresh();
  }

  async #start(home: string, entry: QueueEntry): Promise<void> {
    this.#log.info(`queue: starting ${entry.name}`);
    await this.edit(home, change(entry.id, { startingAt: Date.now() }));
    try {
      await this.#trainings.start({
        configFile: entry.configFile,
        configText: entry.configText,
        workspace: home,
      });
      await this.edit(home, remove(entry.id));
    } catch (error) {
      const problem = messageOf(error);
      await this.edit(home, change(entry.id, { startingAt: undefined, problem }));
      void window.showErrorMessage(
        l10n.t('The queue could not start {0}; it goes on with the next. {1}', entry.name, problem),
      );
    }
  }

  /** Its start was begun by a window that is gone. */
  async #settle(home: string, entry: QueueEntry): Promise<void> {
    const fate = fateOf(home, entry);
    if (fate === 'begun') await this.edit(home, remove(entry.id));
    else if (fate === 'lost') await this.edit(home, change(entry.id, { startingAt: undefined }));
  }

  #own(home: string): boolean {
    const lock = this.#owned.get(home) ?? ownQueue(home);
    if (lock) this.#owned.set(home, lock);
    return lock !== undefined;
  }

  /** Something trains or rests in this folder. */
  #busy(home: string): boolean {
    const runs = runsFolder(home);
    return this.#store.summaries.some((run) => isActive(run) && run.folder.startsWith(runs));
  }
}
