import { languages, type TextDocument, workspace } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import { type ConfigurationProblem, checkConfiguration, toDiagnostic } from './check';
import { isConfiguration } from './find';

const DEBOUNCE_MS = 250;

/**
 * Problems of open configurations that the JSON schema cannot express: fields that contradict each other, folders and
 * checkpoints that are not there. What the schema says, VS Code's own JSON support shows already.
 */
export class ConfigurationDiagnostics extends DisposableOwner {
  readonly #collection = this.own(languages.createDiagnosticCollection('distillation'));
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor() {
    super();
    this.own(workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document)));
    this.own(workspace.onDidSaveTextDocument((document) => this.#schedule(document)));
    this.own(
      workspace.onDidCloseTextDocument((document) => {
        this.#cancel(document);
        this.#collection.delete(document.uri);
      }),
    );
    // What a configuration names may come or go on the disk: a dataset is unpacked, a checkpoint is written.
    const files = this.own(
      workspace.createFileSystemWatcher('**/*.{safetensors,json,png,jpg}', false, true, false),
    );
    const again = () => {
      for (const document of workspace.textDocuments) this.#schedule(document);
    };
    files.onDidCreate(again);
    files.onDidDelete(again);
    this.own({
      dispose: () => {
        for (const timer of this.#timers.values()) clearTimeout(timer);
      },
    });
    again();
  }

  /** The first problem that keeps a configuration from being started, schema problems included. */
  firstError(document: TextDocument): ConfigurationProblem | undefined {
    return checkConfiguration(document).find((problem) => problem.severity === 'error');
  }

  #schedule(document: TextDocument): void {
    if (!isConfiguration(document) || document.uri.scheme !== 'file') return;
    this.#cancel(document);
    this.#timers.set(
      document.uri.toString(),
      setTimeout(() => {
        this.#timers.delete(document.uri.toString());
        // A document that was closed or changed meanwhile has a newer check to come, or none.
        if (!document.isClosed) this.#show(document);
      }, DEBOUNCE_MS),
    );
  }

  #cancel(document: TextDocument): void {
    clearTimeout(this.#timers.get(document.uri.toString()));
    this.#timers.delete(document.uri.toString());
  }

  #show(document: TextDocument): void {
    this.#collection.set(
      document.uri,
      checkConfiguration(document)
        .filter((problem) => !problem.inSchema)
        .map(toDiagnostic),
    );
  }
}
