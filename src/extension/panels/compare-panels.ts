import { type LogOutputChannel, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { compareStateSchema } from '../../protocol/compare-panel';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { CompareSession } from './compare-session';
import { webviewHtml, webviewOptions } from './html';

const viewType = 'distillation.compare';

export interface ComparePanelsOptions {
  extension: Uri;
  store: RunStore;
  log: LogOutputChannel;
  onOpen(folder: string): void;
}

/** Panels that compare runs, one per choice of runs, and their return after a window reload. */
export class ComparePanels extends DisposableOwner {
  readonly #options: ComparePanelsOptions;
  readonly #panels = new Map<string, WebviewPanel>();

  constructor(options: ComparePanelsOptions) {
    super();
    this.#options = options;
    this.own(
      window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async (panel, state) => {
          await options.store.scan();
          const parsed = compareStateSchema.safeParse(state);
          const folders = parsed.success ? parsed.data.folders.filter((each) => options.store.get(each)) : [];
          // Its runs were deleted, or the page never got as far as its first runs.
          if (folders.length < 2) panel.dispose();
          else this.#host(panel, folders);
        },
      }),
    );
  }

  open(folders: readonly string[]): void {
    const present = this.#panels.get(keyOf(folders));
    if (present) {
      present.reveal();
      return;
    }
    const { extension } = this.#options;
    this.#host(
      window.createWebviewPanel(viewType, '', ViewColumn.Active, webviewOptions(extension)),
      folders,
    );
  }

  #host(panel: WebviewPanel, folders: readonly string[]): void {
    const { extension, store, log, onOpen } = this.#options;
    const names = folders.flatMap((folder) => {
      const known = store.get(folder);
      return known?.kind === 'run' ? [known.summary.name] : [];
    });
    panel.title =
      names.length === 2
        ? l10n.t('{0} | {1}', names[0]!, names[1]!)
        : l10n.t('{0} and {1} more', names[0] ?? '', names.length - 1);
    panel.iconPath = Uri.joinPath(extension, 'media', 'icon.svg');
    this.#panels.set(keyOf(folders), panel);
    const session = this.own(new CompareSession({ webview: panel.webview, store, log, folders, onOpen }));
    panel.onDidChangeViewState(() => panel.visible || session.hide());
    panel.onDidDispose(() => {
      this.#panels.delete(keyOf(folders));
      session.dispose();
    });
    panel.webview.options = webviewOptions(extension);
    panel.webview.html = webviewHtml(panel.webview, extension, 'compare', panel.title);
  }
}

const keyOf = (folders: readonly string[]): string => [...folders].sort().join('\n');
