import { languages, type TextDocument, workspace } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import {
  type CheckedConfiguration,
  type ConfigurationProblem,
  checkConfiguration,
  toDiagnostic,
} from './check';
import { isConfiguration } from './find';
import { KnownFiles } from './known-files';

/** Files come and go by the thousand while a dataset is unpacked. */
const FILES_DEBOUNCE_MS = 500;

/**
 * Problems of open configurations, told with every key press: a check takes a few milliseconds and asks no disk. Files are
 * looked at afterwards, and what is found out about them is added.
 */
export class ConfigurationDiagnostics extends DisposableOwner {
  readonly #collection = this.own(languages.createDiagnosticCollection('distillation'));
  readonly #files = new KnownFiles();
  readonly #due = new Map<string, NodeJS.Immediate>();
  readonly #checked = new WeakMap<TextDocument, { version: number; result: CheckedConfiguration }>();
  #looking: NodeJS.Timeout | undefined;

  constructor() {
    super();
    this.own(workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document)));
    this.own(workspace.onDidSaveTextDocument((document) => isConfiguration(document) && this.#lookSoon()));
    this.own(
      workspace.onDidCloseTextDocument((document) => {
        this.#cancel(document);
        this.#collection.delete(document.uri);
      }),
    );
    // What a configuration names may come or go on the disk: a dataset is unpacked, a checkpoint is written.
    const watcher = this.own(
      workspace.createFileSystemWatcher('**/*.{safetensors,pth,pt,pkl,json,png,jpg}', false, true, false),
    );
    watcher.onDidCreate(() => this.#lookSoon());
    watcher.onDidDelete(() => this.#lookSoon());
    this.own({
      dispose: () => {
        clearTimeout(this.#looking);
        for (const due of this.#due.values()) clearImmediate(due);
      },
    });
    this.#scheduleAll();
  }

  /** What the last check of a document found; checked now if it has changed since. */
  of(document: TextDocument): CheckedConfiguration {
    const known = this.#checked.get(document);
    if (known?.version === document.version) return known.result;
    const result = checkConfiguration(document, this.#files);
    this.#checked.set(document, { version: document.version, result });
    return result;
  }

  /** Everything that is wrong by what is on the disk now. */
  onDisk(document: TextDocument): ConfigurationProblem[] {
    return checkConfiguration(document).problems;
  }

  /** The first problem that keeps a configuration from being started, by what is on the disk now. */
  firstError(document: TextDocument): ConfigurationProblem | undefined {
    return this.onDisk(document).find((problem) => problem.severity === 'error');
  }

  #scheduleAll(): void {
    for (const document of workspace.textDocuments) this.#schedule(document);
  }

  #schedule(document: TextDocument): void {
    if (!isConfiguration(document) || document.uri.scheme !== 'file') return;
    const key = document.uri.toString();
    // Several changes of one moment, such as those of several cursors, are checked together.
    if (!this.#due.has(key))
      this.#due.set(
        key,
        setImmediate(() => {
          this.#due.delete(key);
          if (!document.isClosed) this.#show(document);
        }),
      );
  }

  #cancel(document: TextDocument): void {
    const key = document.uri.toString();
    clearImmediate(this.#due.get(key));
    this.#due.delete(key);
  }

  #show(document: TextDocument): void {
    const { problems, parsed, unreadable } = this.of(document);
    // VS Code tells broken JSON by itself. What is known of the rest stays until the text can be read again.
    if (unreadable && parsed.language === 'json') return;
    this.#collection.set(document.uri, problems.map(toDiagnostic));
    if (this.#files.wanting) void this.#files.settle().then((changed) => changed && this.#again());
  }

  #lookSoon(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      void this.#files.refresh().then((changed) => changed && this.#again());
    }, FILES_DEBOUNCE_MS);
  }

  #again(): void {
    if (this.disposed) return;
    for (const document of workspace.textDocuments) this.#checked.delete(document);
    this.#scheduleAll();
  }
}
