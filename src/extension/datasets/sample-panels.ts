import { basename } from 'node:path';
import { commands, type LogOutputChannel, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { browserStateSchema } from '../../protocol/dataset-browser';
import { DisposableOwner } from '../lifecycle';
import { webviewHtml, webviewOptions } from '../panels/html';
import type { Datasets } from './datasets';
import { openOrReveal } from './open-file';
import { type Destination, SampleSession } from './sample-session';

const viewType = 'distillation.samples';

/** The sample browsers, one per dataset, and their return after a window reload. */
export class SamplePanels extends DisposableOwner {
  readonly #options: { extension: Uri; datasets: Datasets; log: LogOutputChannel };
  readonly #panels = new Map<string, { panel: WebviewPanel; session: SampleSession }>();

  constructor(options: { extension: Uri; datasets: Datasets; log: LogOutputChannel }) {
    super();
    this.#options = options;
    const { datasets } = options;
    this.own(
      window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async (panel, state) => {
          await datasets.scan();
          const parsed = browserStateSchema.safeParse(state);
          const key = parsed.success ? parsed.data.dataset : undefined;
          // No configuration names it any more, or the page never got as far as its first sample.
          if (key === undefined || !datasets.get(key) || this.#panels.has(key)) panel.dispose();
          else this.#host(panel, key);
        },
      }),
    );
    this.own(datasets.onDidCheck((key) => this.#panels.get(key)?.session.checked()));
  }

  open(key: string, destination?: Destination): void {
    const present = this.#panels.get(key);
    if (present) present.panel.reveal();
    else {
      const { extension } = this.#options;
      this.#host(window.createWebviewPanel(viewType, '', ViewColumn.Active, webviewOptions(extension)), key);
    }
    if (destination) this.#panels.get(key)?.session.goTo(destination);
  }

  #host(panel: WebviewPanel, key: string): void {
    const { extension, datasets, log } = this.#options;
    const dataset = datasets.get(key);
    if (!dataset) {
      panel.dispose();
      return;
    }
    panel.title = l10n.t('Samples: {0}', basename(dataset.root));
    panel.iconPath = Uri.joinPath(extension, 'media', 'icon.svg');
    // Only the session ends with the extension: a panel that is disposed of cannot return after a reload.
    const session = this.own(
      new SampleSession({
        webview: panel.webview,
        script: datasets.script,
        dataset,
        key,
        log,
        onOpenFile: (file) => void openOrReveal(file),
        onCheckFully: () => void commands.executeCommand('distillation.checkDatasetFully', key),
      }),
    );
    this.#panels.set(key, { panel, session });
    panel.onDidChangeViewState(() => panel.visible || session.hide());
    panel.onDidDispose(() => {
      this.#panels.delete(key);
      session.dispose();
    });
    panel.webview.options = webviewOptions(extension);
    panel.webview.html = webviewHtml(panel.webview, extension, 'samples', panel.title);
  }
}
