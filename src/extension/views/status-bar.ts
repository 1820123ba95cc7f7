import { l10n, StatusBarAlignment, window } from 'vscode';
import type { RunSummary } from '../../protocol/run';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { durationText, isActive, methodsText, miouText, percentText, stageText } from '../text';

/** One short item while something trains, with the time left; nothing otherwise. */
export class StatusBar extends DisposableOwner {
  readonly #item = this.own(window.createStatusBarItem('distillation.status', StatusBarAlignment.Left));

  constructor(store: RunStore) {
    super();
    this.#item.name = l10n.t('Distillation');
    this.own(store.onDidChange(() => this.#show(store.summaries.filter(isActive))));
  }

  #show(active: RunSummary[]): void {
    const run = active[0];
    if (!run) {
      this.#item.hide();
      return;
    }
    const left = run.etaMs === undefined ? undefined : l10n.t('{0} left', durationText(run.etaMs));
    const parts = [`${methodsText(run.methods)} ${percentText(run.progress)}`, ...(left ? [left] : [])];
    if (active.length > 1) parts.push(l10n.t('+{0} more', active.length - 1));
    this.#item.text = `$(loading~spin) ${parts.join(' · ')}`;
    this.#item.tooltip = [
      run.name,
      ...(run.stage
        ? [l10n.t('{0}: step {1} of {2}', stageText(run.stage), run.step ?? 0, run.iterations ?? '?')]
        : []),
      ...(run.bestStudentMiou === undefined
        ? []
        : [l10n.t('best mIoU of the student: {0}', miouText(run.bestStudentMiou))]),
      l10n.t('Click to open the run.'),
    ].join('\n');
    this.#item.command = {
      command: 'distillation.openRun',
      title: l10n.t('Open Run'),
      arguments: [run.folder],
    };
    this.#item.accessibilityInformation = {
      label: l10n.t('Distillation run {0}: {1}', run.name, parts.join(', ')),
      role: 'button',
    };
    this.#item.show();
  }
}
