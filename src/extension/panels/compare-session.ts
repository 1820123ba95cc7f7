import { type LogOutputChannel, l10n, type Webview } from 'vscode';
import {
  fromComparePanelSchema,
  type PostedComparedRun,
  type PostedToComparePanel,
} from '../../protocol/compare-panel';
import { packEvents } from '../../protocol/packed-events';
import type { SampleKey } from '../../protocol/panel';
import { flattenConfig } from '../../run/flat-config';
import { RunReader } from '../../run/run-reader';
import { readContents } from '../../run/sample-preview';
import { findSample } from '../../run/samples';
import { DisposableOwner } from '../lifecycle';
import { logError, messageOf } from '../log';
import type { RunStore } from '../runs/store';
import { inWantedColors, onDidChangeClassColors } from './class-colors';
import { readMessage } from './read-message';
import { offerToSave } from './save-file';

export interface CompareSessionOptions {
  webview: Webview;
  store: RunStore;
  log: LogOutputChannel;
  folders: readonly string[];
  onOpen(folder: string): void;
}

const BATCH_MS = 200;

/** The host's side of src/protocol/compare-panel.ts. */
export class CompareSession extends DisposableOwner {
  readonly #options: CompareSessionOptions;
  readonly #readers = new Map<string, RunReader>();
  /** Runs of which there is something new. */
  readonly #grown = new Set<string>();
  #ready = false;
  #timer: NodeJS.Timeout | undefined;
  /** Work on the readers goes one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: CompareSessionOptions) {
    super();
    this.#options = options;
    this.own(options.webview.onDidReceiveMessage((message) => this.#receive(message)));
    this.own(options.store.onDidGrow((folder) => this.#schedule(folder)));
    this.own(onDidChangeClassColors(() => this.#ready && this.#enqueue(() => this.#snapshot())));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  /** The page is gone or not shown: it gets nothing until it says `ready` again. */
  hide(): void {
    this.#ready = false;
    this.#readers.clear();
  }

  #receive(value: unknown): void {
    const { log, folders, onOpen } = this.#options;
    const message = readMessage(fromComparePanelSchema, value, log);
    if (!message) return;
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#enqueue(() => this.#snapshot());
        break;
      case 'requestSample':
        this.#enqueue(() => this.#sample(message.folder, message.key, message.coarse), message.folder);
        break;
      case 'open':
        if (folders.includes(message.folder)) onOpen(message.folder);
        break;
      case 'save':
        offerToSave(message, log);
        break;
      default:
        message satisfies never;
    }
  }

  #schedule(folder: string): void {
    if (!this.#ready || !this.#options.folders.includes(folder)) return;
    this.#grown.add(folder);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const grown = [...this.#grown];
      this.#grown.clear();
      for (const each of grown) this.#enqueue(() => this.#increment(each));
    }, BATCH_MS);
  }

  #enqueue(task: () => Promise<void>, folder?: string): void {
    this.#work = this.#work.then(async () => {
      if (this.disposed || !this.#ready) return;
      try {
        await task();
      } catch (error) {
        logError(this.#options.log, error);
        this.#post({ kind: 'problem', message: messageOf(error), ...(folder ? { folder } : {}) });
      }
    });
  }

  async #snapshot(): Promise<void> {
    const runs: PostedComparedRun[] = [];
    this.#readers.clear();
    for (const folder of this.#options.folders)
      try {
        const reader = await RunReader.open(folder);
        this.#readers.set(folder, reader);
        const { classes, config } = reader.manifest;
        runs.push({
          run: reader.summary(),
          classes: inWantedColors(classes),
          config: flattenConfig(config),
          events: packEvents(reader.events),
        });
        reader.forget();
      } catch (error) {
        // The others can be compared all the same.
        this.#post({ kind: 'problem', message: messageOf(error) });
      }
    this.#post({ kind: 'runs', runs });
  }

  async #increment(folder: string): Promise<void> {
    const reader = this.#readers.get(folder);
    if (!reader) return;
    const { added, rewound } = await reader.refresh();
    if (rewound) await this.#snapshot();
    else this.#post({ kind: 'events', run: reader.summary(), events: packEvents(added) });
  }

  async #sample(folder: string, key: SampleKey, coarse: boolean): Promise<void> {
    const reader = this.#readers.get(folder);
    if (!reader) return;
    const sample = findSample(reader.events, key);
    if (!sample) throw new Error(l10n.t('The run has no sample "{0}" at step {1}.', key.id, key.step));
    const contents = await readContents(folder, sample, coarse);
    this.#post({ kind: 'sample', folder, key, ...contents });
  }

  #post(message: PostedToComparePanel): void {
    void this.#options.webview.postMessage(message);
  }
}
