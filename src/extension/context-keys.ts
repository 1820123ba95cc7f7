import { commands, workspace } from 'vscode';
import { configurationGlob, findConfigurations } from './config/find';
import { DisposableOwner } from './lifecycle';
import type { Queues } from './runs/queues';
import type { RunStore } from './runs/store';
import { isActive, isResumable } from './text';

/** The `when` keys of the manifest: what menus show and which welcome an empty view gives. */
export class ContextKeys extends DisposableOwner {
  readonly #values = new Map<string, boolean>();

  constructor(store: RunStore, queues: Queues) {
    super();
    const runs = () => {
      const all = store.summaries;
      this.#set('hasRuns', store.runs.length > 0);
      this.#set('running', all.some(isActive));
      this.#set(
        'paused',
        all.some(({ status }) => status === 'paused'),
      );
      this.#set('resumable', all.some(isResumable));
    };
    const configurations = async () =>
      this.#set('hasConfigurations', (await findConfigurations()).length > 0);
    this.own(store.onDidChange(runs));
    this.own(
      queues.onDidChange(() =>
        this.#set(
          'queued',
          queues.all.some(({ queue }) => queue.entries.length > 0),
        ),
      ),
    );
    const watcher = this.own(workspace.createFileSystemWatcher(configurationGlob, false, true, false));
    this.own(watcher.onDidCreate(configurations));
    this.own(watcher.onDidDelete(configurations));
    this.own(workspace.onDidChangeWorkspaceFolders(configurations));
    runs();
    void configurations();
  }

  #set(name: string, value: boolean): void {
    if (this.#values.get(name) === value) return;
    this.#values.set(name, value);
    void commands.executeCommand('setContext', `distillation.${name}`, value);
  }
}
