import { type LogOutputChannel, l10n, type Webview } from 'vscode';
import { packEvents } from '../../protocol/packed-events';
import {
  type FromWebview,
  fromWebviewSchema,
  type PanelTab,
  type PostedToWebview,
  type SampleKey,
} from '../../protocol/panel';
import type { RunSummary } from '../../protocol/run';
import { updateNotes } from '../../run/notes';
import { RunReader } from '../../run/run-reader';
import { readContents } from '../../run/sample-preview';
import { findSample } from '../../run/samples';
import { DisposableOwner } from '../lifecycle';
import { logError, messageOf } from '../log';
import type { RunStore } from '../runs/store';
import { inWantedColors, onDidChangeClassColors } from './class-colors';
import { readMessage } from './read-message';
import { offerToSave } from './save-file';

export type PanelCommand = Extract<FromWebview, { kind: 'command' }>['command'];

export interface PanelSessionOptions {
  webview: Webview;
  store: RunStore;
  log: LogOutputChannel;
  /** The run to show from the start; `follow` may change it later. */
  folder: string | undefined;
  onCommand(command: PanelCommand, folder: string): void;
}

/** At most about ten messages a second, however fast the steps are. */
const BATCH_MS = 100;

/**
 * The host's side of src/protocol/panel.ts, for the run panel and the Live view alike. Nothing is sent before the
 * webview says `ready`; then it gets a complete snapshot, and afterwards what the journal brings.
 */
export class PanelSession extends DisposableOwner {
  readonly #options: PanelSessionOptions;
  #folder: string | undefined;
  #reader: RunReader | undefined;
  /** The run is read while the page is made; it may have grown until that is ready. */
  #opening: Promise<RunReader> | undefined;
  #ready = false;
  /** To be shown with the next snapshot. */
  #tab: PanelTab | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Work on the reader goes one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: PanelSessionOptions) {
    super();
    this.#options = options;
    this.#folder = options.folder;
    this.own(options.webview.onDidReceiveMessage((message) => this.#receive(message)));
    this.own(options.store.onDidGrow((folder) => folder === this.#folder && this.#schedule()));
    this.own(onDidChangeClassColors(() => this.#ready && this.#enqueue(() => this.#snapshot())));
    this.own({ dispose: () => clearTimeout(this.#timer) });
    if (options.folder) {
      this.#opening = RunReader.open(options.folder);
      // Told when the page asks.
      this.#opening.catch(() => {});
    }
  }

  get folder(): string | undefined {
    return this.#folder;
  }

  /** Shows another run, or none. */
  follow(folder: string | undefined): void {
    if (folder === this.#folder) return;
    this.#folder = folder;
    this.#reader = undefined;
    this.#opening = undefined;
    if (this.#ready) this.#enqueue(() => this.#snapshot());
  }

  /** Shows a part of the run, at once or as soon as the page is there. */
  show(tab: PanelTab): void {
    if (this.#ready) this.#post({ kind: 'show', tab });
    else this.#tab = tab;
  }

  /** The page is gone or not shown: it gets nothing until it says `ready` again. */
  hide(): void {
    this.#ready = false;
    this.#reader = undefined;
  }

  #receive(value: unknown): void {
    const message = readMessage(fromWebviewSchema, value, this.#options.log);
    if (!message) return;
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#enqueue(() => this.#snapshot());
        break;
      case 'requestSample':
        this.#enqueue(() => this.#sample(message.key, message.coarse));
        break;
      case 'save':
        offerToSave(message, this.#options.log);
        break;
      case 'notes':
        this.#enqueue(() => this.#note(message.text));
        break;
      case 'command':
        if (this.#folder) this.#options.onCommand(message.command, this.#folder);
        break;
      default:
        message satisfies never;
    }
  }

  #schedule(): void {
    if (!this.#ready) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue(() => this.#increment());
    }, BATCH_MS);
  }

  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.disposed || !this.#ready) return;
      try {
        await task();
      } catch (error) {
        logError(this.#options.log, error);
        this.#post({ kind: 'problem', message: messageOf(error) });
      }
    });
  }

  async #snapshot(): Promise<void> {
    const folder = this.#folder;
    if (!folder) {
      this.#post({ kind: 'snapshot', run: null, classes: [], deviations: [], configText: '', events: [] });
      return;
    }
    const opening = this.#opening;
    this.#opening = undefined;
    const reader = await (opening ?? RunReader.open(folder));
    if (opening) await reader.refresh();
    if (folder !== this.#folder) return;
    this.#reader = reader;
    this.#postSnapshot(reader);
  }

  async #increment(): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    const { added, rewound } = await reader.refresh();
    if (reader !== this.#reader) return;
    if (rewound) this.#postSnapshot(reader);
    else this.#post({ kind: 'events', run: reader.summary(), events: packEvents(added) });
  }

  #postSnapshot(reader: RunReader): void {
    const { classes, deviations, config } = reader.manifest;
    this.#post({
      kind: 'snapshot',
      run: reader.summary(),
      classes: inWantedColors(classes),
      deviations,
      configText: JSON.stringify(config, null, 2),
      events: packEvents(reader.events),
    });
    reader.forget();
    if (this.#tab) this.#post({ kind: 'show', tab: this.#tab });
    this.#tab = undefined;
  }

  async #note(text: string): Promise<void> {
    if (!this.#folder) return;
    updateNotes(this.#folder, { text });
    await this.#options.store.refresh(this.#folder);
  }

  async #sample(key: SampleKey, coarse: boolean): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    const sample = findSample(reader.events, key);
    if (!sample) {
      this.#post({
        kind: 'problem',
        message: l10n.t('The run has no sample "{0}" at step {1}.', key.id, key.step),
      });
      return;
    }
    const contents = await readContents(reader.folder, sample, coarse);
    if (reader === this.#reader) this.#post({ kind: 'sample', key, ...contents });
  }

  #post(message: PostedToWebview): void {
    void this.#options.webview.postMessage(message);
  }
}

/** Which run a session shows, for titles. */
export function runTitle(summary: Pick<RunSummary, 'name' | 'id'>): string {
  // Ids begin with the date and time: two runs of one configuration get different titles.
  const time = /^\d{8}-(\d\d)(\d\d)(\d\d)/.exec(summary.id);
  return time ? `${summary.name} ${time[1]}:${time[2]}:${time[3]}` : summary.id;
}
