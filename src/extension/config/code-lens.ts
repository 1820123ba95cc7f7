import {
  CodeLens,
  type CodeLensProvider,
  type Command,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { DisposableOwner } from '../lifecycle';
import type { KnownRun, RunStore } from '../runs/store';
import { isActive, miouText, percentText, statusText } from '../text';
import type { ConfigurationDiagnostics } from './diagnostics';
import { configurationSelector } from './find';

/** A run that goes on changes often; the lens moves the text below it and should not flicker. */
const REFRESH_MS = 1000;

/** On the first line of a configuration: start it, and how its last run went. */
export class ConfigurationLens extends DisposableOwner implements CodeLensProvider {
  readonly #store: RunStore;
  readonly #diagnostics: ConfigurationDiagnostics;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, diagnostics: ConfigurationDiagnostics) {
    super();
    this.#store = store;
    this.#diagnostics = diagnostics;
    this.own(languages.registerCodeLensProvider(configurationSelector, this));
    this.own(workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()));
    this.own(
      store.onDidChange(() => {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#changed.fire();
        }, REFRESH_MS);
      }),
    );
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const first = new Range(0, 0, 0, 0);
    const last = this.#store.runs.find((run) => run.kind === 'run' && run.configFile === document.uri.fsPath);
    const lens: Command[] = workspace.isTrusted
      ? [
          {
            command: 'distillation.startRun',
            title: `$(play) ${l10n.t('Start run')}`,
            arguments: [document.uri],
          },
          {
            command: 'distillation.queueRun',
            title: `$(add) ${l10n.t('Add to queue')}`,
            arguments: [document.uri],
          },
        ]
      : [
          {
            command: 'workbench.trust.manage',
            title: `$(shield) ${l10n.t('Trust this workspace to start runs')}`,
          },
        ];
    lens.push(this.#validity(document));
    if (last?.kind === 'run') lens.push(...lensOf(last));
    return lens.map((command) => new CodeLens(first, command));
  }

  #validity(document: TextDocument): Command {
    const errors = this.#diagnostics
      .of(document)
      .problems.filter(({ severity }) => severity === 'error').length;
    const validate = `$(check) ${l10n.t('Validate')}`;
    const count = errors === 1 ? l10n.t('1 problem') : l10n.t('{0} problems', errors);
    return {
      command: 'distillation.validate',
      title: errors === 0 ? validate : `$(error) ${count}`,
      arguments: [document.uri],
    };
  }
}

function lensOf({ summary, folder }: Extract<KnownRun, { kind: 'run' }>): Command[] {
  const open = (title: string): Command => ({ command: 'distillation.openRun', title, arguments: [folder] });
  if (isActive(summary))
    return [
      summary.status === 'paused'
        ? open(`$(debug-pause) ${l10n.t('Paused: {0}', percentText(summary.progress))}`)
        : open(`$(loading~spin) ${l10n.t('Running: {0}', percentText(summary.progress))}`),
      { command: 'distillation.stopRun', title: `$(debug-stop) ${l10n.t('Stop')}`, arguments: [folder] },
    ];
  const miou =
    summary.bestStudentMiou === undefined ? undefined : l10n.t('mIoU {0}', miouText(summary.bestStudentMiou));
  const status = summary.status === 'finished' && miou ? undefined : statusText(summary.status);
  return [open(l10n.t('Last run: {0}', [status, miou].filter(Boolean).join(', ')))];
}
