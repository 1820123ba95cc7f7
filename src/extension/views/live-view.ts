import {
  type LogOutputChannel,
  l10n,
  type Uri,
  type WebviewView,
  type WebviewViewProvider,
  window,
} from 'vscode';
import { DisposableOwner } from '../lifecycle';
import { webviewHtml, webviewOptions } from '../panels/html';
import { type PanelCommand, PanelSession } from '../panels/panel-session';
import type { RunStore } from '../runs/store';

export interface LiveViewOptions {
  extension: Uri;
  store: RunStore;
  log: LogOutputChannel;
  onCommand(command: PanelCommand, folder: string): void;
}

/** The side bar's small window on the run that goes on now, or was the last to. */
export class LiveView extends DisposableOwner implements WebviewViewProvider {
  readonly #options: LiveViewOptions;
  #session: PanelSession | undefined;

  constructor(options: LiveViewOptions) {
    super();
    this.#options = options;
    this.own(window.registerWebviewViewProvider('distillation.live', this));
    this.own(options.store.onDidChange(() => this.#session?.follow(options.store.current?.folder)));
    this.own({ dispose: () => this.#session?.dispose() });
  }

  resolveWebviewView(view: WebviewView): void {
    const { extension, store, log, onCommand } = this.#options;
    const session = new PanelSession({
      webview: view.webview,
      store,
      log,
      folder: store.current?.folder,
      onCommand,
    });
    this.#session = session;
    view.onDidChangeVisibility(() => view.visible || session.hide());
    view.onDidDispose(() => {
      session.dispose();
      if (this.#session === session) this.#session = undefined;
    });
    view.webview.options = webviewOptions(extension);
    view.webview.html = webviewHtml(view.webview, extension, 'live', l10n.t('Live'));
  }
}
