import { commands, l10n, window } from 'vscode';
import type { RunSummary } from '../../protocol/run';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import type { Trainings } from '../runs/trainings';
import { durationText, elapsed, isActive, miouText } from '../text';

/** Says once that a run has ended or failed. Being stopped is what the user asked for and needs no word. */
export class Notifications extends DisposableOwner {
  /** Runs started elsewhere that were seen to go on. */
  readonly #watched = new Set<string>();
  /** Ours: their end is told when their process ends, however short its life was. */
  readonly #ours = new Set<string>();

  constructor(store: RunStore, trainings: Trainings) {
    super();
    this.own(trainings.onDidStart((folder) => this.#ours.add(folder)));
    this.own(
      trainings.onDidEnd((folder) => {
        this.#ours.delete(folder);
        this.#watched.delete(folder);
        const run = store.get(folder);
        if (run?.kind === 'run') void this.#tell(run.summary);
      }),
    );
    this.own(
      store.onDidChange(() => {
        for (const run of store.summaries) {
          if (this.#ours.has(run.folder)) continue;
          if (isActive(run)) this.#watched.add(run.folder);
          else if (this.#watched.delete(run.folder)) void this.#tell(run);
        }
      }),
    );
  }

  async #tell(run: RunSummary): Promise<void> {
    const open = l10n.t('Open Run');
    const report = l10n.t('Open Report');
    const resume = l10n.t('Resume');
    let choice: string | undefined;
    switch (run.status) {
      case 'finished': {
        const took = durationText(elapsed(run));
        choice = await window.showInformationMessage(
          run.bestStudentMiou === undefined
            ? l10n.t('{0} finished in {1}.', run.name, took)
            : l10n.t('{0} finished in {1}: best mIoU {2}.', run.name, took, miouText(run.bestStudentMiou)),
          open,
          report,
        );
        break;
      }
      case 'failed':
        choice = await window.showErrorMessage(
          l10n.t('{0} failed: {1}', run.name, run.error ?? l10n.t('the worker gave no reason.')),
          open,
        );
        break;
      case 'crashed':
        choice = await window.showErrorMessage(
          l10n.t('{0}: the training process is gone. It can be resumed from its last checkpoint.', run.name),
          resume,
          open,
        );
        break;
      case 'stopped':
      case 'running':
      case 'paused':
      case 'starting':
        break;
      default:
        run.status satisfies never;
    }
    const command = { [open]: 'openRun', [report]: 'openReport', [resume]: 'resumeRun' }[choice ?? ''];
    if (command) await commands.executeCommand(`distillation.${command}`, run.folder);
  }
}
