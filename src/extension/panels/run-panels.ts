import { type LogOutputChannel, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { type PanelTab, panelStateSchema } from '../../protocol/panel';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { webviewHtml, webviewOptions } from './html';
import { type PanelCommand, PanelSession, runTitle } from './panel-session';

const viewType = 'distillation.run';

export interface RunPanelsOptions {
  extension: Uri;
  store: RunStore;
  log: LogOutputChannel;
  onCommand(command: PanelCommand, folder: string): void;
}

/** The editor panels, one per run, and their return after a window reload. */
export class RunPanels extends DisposableOwner {
  readonly #options: RunPanelsOptions;
  readonly #panels = new Map<string, WebviewPanel>();
  readonly #sessions = new Map<string, PanelSession>();

  constructor(options: RunPanelsOptions) {
    super();
    this.#options = options;
    this.own(
      window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async (panel, state) => {
          await options.store.scan();
          const parsed = panelStateSchema.safeParse(state);
          const folder = parsed.success ? options.store.get(parsed.data.runFolder)?.folder : undefined;
          // The run was deleted, or the page never got as far as its first snapshot.
          if (folder === undefined || this.#panels.has(folder)) panel.dispose();
          else this.#host(panel, folder);
        },
      }),
    );
    // A deleted run takes its panel along.
    this.own(
      options.store.onDidChange(() => {
        for (const [folder, panel] of this.#panels) if (!options.store.get(folder)) panel.dispose();
      }),
    );
  }

  /** The run whose panel has the focus. */
  get activeRun(): string | undefined {
    for (const [folder, panel] of this.#panels) if (panel.active) return folder;
    return undefined;
  }

  /** @param tab the part of the panel to show; without it the one shown last */
  open(folder: string, tab?: PanelTab): void {
    const present = this.#panels.get(folder);
    if (present) {
      present.reveal();
      if (tab) this.#sessions.get(folder)?.show(tab);
      return;
    }
    const { extension } = this.#options;
    this.#host(window.createWebviewPanel(viewType, '', ViewColumn.Active, webviewOptions(extension)), folder);
    if (tab) this.#sessions.get(folder)?.show(tab);
  }

  #host(panel: WebviewPanel, folder: string): void {
    const { extension, store, log, onCommand } = this.#options;
    const known = store.get(folder);
    panel.title = known?.kind === 'run' ? runTitle(known.summary) : l10n.t('Run');
    panel.iconPath = Uri.joinPath(extension, 'media', 'icon.svg');
    this.#panels.set(folder, panel);
    // Only the session ends with the extension: a panel that is disposed of cannot return after a reload.
    const session = this.own(new PanelSession({ webview: panel.webview, store, log, folder, onCommand }));
    this.#sessions.set(folder, session);
    panel.onDidChangeViewState(() => panel.visible || session.hide());
    panel.onDidDispose(() => {
      this.#panels.delete(folder);
      this.#sessions.delete(folder);
      session.dispose();
    });
    // Not kept from before a reload: the version of the extension may be another.
    panel.webview.options = webviewOptions(extension);
    panel.webview.html = webviewHtml(panel.webview, extension, 'run', panel.title);
  }
}
