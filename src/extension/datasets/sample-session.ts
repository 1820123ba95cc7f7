import { type LogOutputChannel, l10n, type Webview, workspace } from 'vscode';
import {
  type BrowserAnswer,
  type BrowserRequest,
  type BrowserSample,
  fromBrowserSchema,
  type ToBrowser,
} from '../../protocol/dataset-browser';
import type { SplitName } from '../../protocol/dataset-report';
import { DisposableOwner } from '../lifecycle';
import { messageOf } from '../log';
import { inWantedColors, onDidChangeClassColors } from '../panels/class-colors';
import { readMessage } from '../panels/read-message';
import type { FoundDataset } from './find-datasets';
import { SampleProcess } from './sample-process';

export interface SampleSessionOptions {
  webview: Webview;
  /** Absolute path of dist/cli.js. */
  script: string;
  dataset: Pick<FoundDataset, 'kind' | 'convention' | 'root'>;
  /** By which the panel is found again after a window reload. */
  key: string;
  log: LogOutputChannel;
  onOpenFile(file: string): void;
  onCheckFully(): void;
}

/** Where a browser is to go: the samples of a split that have this in their name. */
export interface Destination {
  split: SplitName;
  name: string;
}

/** The host's side of src/protocol/dataset-browser.ts: passes on what the page asks, and what the process answers. */
export class SampleSession extends DisposableOwner {
  readonly #options: SampleSessionOptions;
  #process: SampleProcess | undefined;
  /** Sent again whenever the page begins anew. */
  #opened: Extract<BrowserAnswer, { kind: 'opened' }> | undefined;
  #ready = false;
  #destination: Destination | undefined;
  /** Asked before the process had opened the dataset. */
  #waiting: BrowserRequest[] = [];
  /** The sample that was sent last: its files, and no others, may be opened from the page. */
  #shown: Pick<BrowserSample, 'imageFile' | 'labelFile'> | undefined;

  constructor(options: SampleSessionOptions) {
    super();
    this.#options = options;
    this.own(options.webview.onDidReceiveMessage((message) => this.#receive(message)));
    this.own(onDidChangeClassColors(() => this.#opened && this.#tellOpened(this.#opened)));
    this.own({ dispose: () => this.#process?.dispose() });
  }

  goTo(destination: Destination): void {
    this.#destination = destination;
    this.#tellDestination();
  }

  /** A check has read more of the dataset. */
  checked(): void {
    this.#post({ kind: 'checked' });
  }

  /** The page is not shown: it begins anew when it is. Its process is not kept for that. */
  hide(): void {
    this.#ready = false;
    this.#process?.dispose();
    this.#process = undefined;
    this.#opened = undefined;
    this.#waiting = [];
  }

  #receive(value: unknown): void {
    const message = readMessage(fromBrowserSchema, value, this.#options.log);
    if (!message) return;
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#post({ kind: 'about', dataset: this.#options.key });
        this.#start();
        break;
      case 'find':
      case 'sample':
        if (!this.#process) this.#start();
        if (this.#opened) this.#process?.ask(message);
        else this.#waiting.push(message);
        break;
      case 'openFile':
        if (this.#shown)
          this.#options.onOpenFile(message.which === 'image' ? this.#shown.imageFile : this.#shown.labelFile);
        break;
      case 'checkFully':
        this.#options.onCheckFully();
        break;
      default:
        message satisfies never;
    }
  }

  #start(): void {
    if (this.#process) {
      if (this.#opened) this.#tellOpened(this.#opened);
      return;
    }
    let process: SampleProcess;
    try {
      process = new SampleProcess(this.#options);
    } catch (error) {
      this.#post({ kind: 'problem', message: messageOf(error) });
      return;
    }
    this.#process = process;
    process.onAnswer((answer) => this.#answer(answer));
    process.onEnd((reason) => {
      if (process !== this.#process) return;
      this.#process = undefined;
      this.#opened = undefined;
      this.#waiting = [];
      this.#post({ kind: 'problem', message: l10n.t('The samples cannot be read: {0}', reason) });
    });
  }

  #answer(answer: BrowserAnswer): void {
    if (answer.kind === 'opened') {
      this.#opened = answer;
      this.#tellOpened(answer);
      for (const request of this.#waiting.splice(0)) this.#process?.ask(request);
      return;
    }
    if (answer.kind === 'sample') this.#shown = answer;
    this.#post(answer);
  }

  #tellOpened(opened: Extract<BrowserAnswer, { kind: 'opened' }>): void {
    // As the Datasets view says where it lies; its tooltip has the whole path.
    const folder = workspace.asRelativePath(opened.folder);
    this.#post({ ...opened, folder, classes: inWantedColors(opened.classes) });
    this.#tellDestination();
  }

  #tellDestination(): void {
    if (!this.#destination || !this.#opened || !this.#ready) return;
    this.#post({ kind: 'goto', ...this.#destination });
    this.#destination = undefined;
  }

  #post(message: ToBrowser): void {
    if (this.#ready && !this.disposed) void this.#options.webview.postMessage(message);
  }
}
