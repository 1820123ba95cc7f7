import { type FSWatcher, watch } from 'node:fs';
import { DisposableOwner } from '../lifecycle';

/**
 * Watches single folders for changes directly in them. VS Code's recursive watcher loses what is made inside of a folder
 * that is new itself, and a run folder is exactly that.
 */
export class FolderWatches extends DisposableOwner {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onEvent: (folder: string) => void;

  constructor(onEvent: (folder: string) => void) {
    super();
    this.#onEvent = onEvent;
    this.own({ dispose: () => this.keep(new Set()) });
  }

  /** Watches exactly these folders; one that cannot be watched is left to polling. */
  keep(folders: ReadonlySet<string>): void {
    for (const folder of [...this.#watchers.keys()]) if (!folders.has(folder)) this.#drop(folder);
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#add(folder);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onEvent(folder));
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // Not there, or the system has no watches left.
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
