import { type LogOutputChannel, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import {
  fromRunsPanelSchema,
  type RunRow,
  type RunsPanelCommand,
  type ToRunsPanel,
} from '../../protocol/runs-panel';
import { DisposableOwner } from '../lifecycle';
import type { KnownRun, RunStore } from '../runs/store';
import { webviewHtml, webviewOptions } from './html';
import { readMessage } from './read-message';
import { offerToSave } from './save-file';

const viewType = 'distillation.allRuns';
/** A run that goes on changes its numbers ten times a second. */
const BATCH_MS = 500;

export interface AllRunsOptions {
  extension: Uri;
  store: RunStore;
  log: LogOutputChannel;
  onCommand(command: RunsPanelCommand, folders: readonly string[]): void;
}

/** The table of all runs: one panel, which returns after a window reload. */
export class AllRunsPanel extends DisposableOwner {
  readonly #options: AllRunsOptions;
  #panel: WebviewPanel | undefined;
  #ready = false;
  /** What the page has been told, by folder. */
  readonly #told = new Map<string, KnownRun>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AllRunsOptions) {
    super();
    this.#options = options;
    this.own(
      window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async (panel) => {
          if (this.#panel) panel.dispose();
          else this.#host(panel);
        },
      }),
    );
    this.own(options.store.onDidChange(() => this.#tellSoon()));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  open(): void {
    if (this.#panel) this.#panel.reveal();
    else
      this.#host(
        window.createWebviewPanel(viewType, '', ViewColumn.Active, webviewOptions(this.#options.extension)),
      );
  }

  #host(panel: WebviewPanel): void {
    const { extension } = this.#options;
    this.#panel = panel;
    panel.title = l10n.t('All Runs');
    panel.iconPath = Uri.joinPath(extension, 'media', 'icon.svg');
    const messages = this.own(panel.webview.onDidReceiveMessage((value) => this.#receive(value)));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#ready = false;
    });
    panel.onDidDispose(() => {
      messages.dispose();
      this.#panel = undefined;
      this.#ready = false;
    });
    panel.webview.options = webviewOptions(extension);
    panel.webview.html = webviewHtml(panel.webview, extension, 'runs', panel.title);
  }

  #receive(value: unknown): void {
    const { log, onCommand, store } = this.#options;
    const message = readMessage(fromRunsPanelSchema, value, log);
    if (!message) return;
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#told.clear();
        this.#post({ kind: 'runs', rows: this.#news() });
        break;
      case 'command': {
        // Only runs of this workspace: a page is not to reach any other folder.
        const folders = message.folders.filter((folder) => store.get(folder));
        if (folders.length > 0) onCommand(message.command, folders);
        break;
      }
      case 'save':
        offerToSave(message, log);
        break;
      default:
        message satisfies never;
    }
  }

  #tellSoon(): void {
    if (!this.#ready) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#ready) return;
      const gone = [...this.#told.keys()].filter((folder) => this.#options.store.get(folder)?.kind !== 'run');
      for (const folder of gone) this.#told.delete(folder);
      const rows = this.#news();
      if (rows.length > 0 || gone.length > 0) this.#post({ kind: 'changed', rows, gone });
    }, BATCH_MS);
  }

  /** Runs the page does not know as they are now. */
  #news(): RunRow[] {
    return this.#options.store.runs.flatMap((run) => {
      if (run.kind !== 'run') return [];
      if (this.#told.get(run.folder) === run) return [];
      this.#told.set(run.folder, run);
      return [{ summary: run.summary, config: run.config }];
    });
  }

  #post(message: ToRunsPanel): void {
    void this.#panel?.webview.postMessage(message);
  }
}
