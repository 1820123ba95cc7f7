import { Chart } from '../chart/chart';
import { ChartGroup } from '../chart/group';
import { lossLines } from '../chart/lines';
import { bytes, count, duration, number, percent, rate } from '../model/format';
import { canPause, isLive, methodLabel, phaseShort, statusLabel } from '../model/names';
import type { Scene, View } from '../run/view';
import { el, setText } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import { progressBar } from '../ui/progress';
import { statusIcon } from '../ui/status';
import { button } from '../ui/toolkit';

/** State, progress and loss of the run in the width of a side bar. */
export class Card implements View {
  readonly root: HTMLElement;
  readonly #icon = el('span', { class: 'header-icon' });
  readonly #name = el('h1');
  readonly #status = el('span', { class: 'header-status', role: 'status', 'aria-live': 'polite' });
  readonly #method = el('p', { class: 'card-method' });
  readonly #progress = progressBar(t('Progress of the run'));
  readonly #step = el('span');
  readonly #left = el('span');
  readonly #numbers = el('dl', { class: 'card-numbers' });
  readonly #error = el('p', { class: 'alert', role: 'alert', hidden: true });
  readonly #group = new ChartGroup();
  readonly #chart = new Chart({
    title: t('Loss'),
    height: 96,
    group: this.#group,
    format: number,
    compact: true,
    empty: t('Waiting for the first step.'),
  });
  readonly #stop = button(t('Stop'), {
    title: t('Finish the step, write a checkpoint and end the run'),
    onClick: () => post({ kind: 'command', command: 'stop' }),
  });
  readonly #pause = button(t('Pause'), {
    title: t('Finish the step, write a checkpoint and rest; the processor is free meanwhile'),
    onClick: () => post({ kind: 'command', command: 'pause' }),
  });
  readonly #continue = button(t('Go On'), {
    title: t('Go on with the next step'),
    onClick: () => post({ kind: 'command', command: 'continue' }),
  });
  readonly #engine = el('p', { class: 'card-engine' });
  #shownStatus = '';
  #drawn = -1;

  constructor() {
    const open = button(t('Open Run'), {
      appearance: 'primary',
      title: t('Open the run panel'),
      onClick: () => post({ kind: 'command', command: 'openRun' }),
    });
    this.root = el(
      'section',
      { class: 'card' },
      el('div', { class: 'header-name' }, this.#icon, this.#name, this.#status),
      this.#method,
      this.#progress.root,
      el('p', { class: 'card-progress' }, this.#step, this.#left),
      this.#numbers,
      this.#engine,
      this.#error,
      this.#chart.root,
      el('div', { class: 'card-actions' }, open, this.#continue, this.#pause, this.#stop),
    );
  }

  render({ run, model }: Scene): void {
    const live = isLive(run.status);
    setText(this.#name, run.name);
    this.#name.title = run.name;
    if (this.#shownStatus !== run.status) {
      this.#shownStatus = run.status;
      this.#icon.replaceChildren(statusIcon(run.status));
      this.#status.className = `header-status status-${run.status}`;
      setText(this.#status, statusLabel[run.status]);
      this.#stop.hidden = !live;
      this.#pause.hidden = !canPause(run.status);
      this.#continue.hidden = run.status !== 'paused';
    }
    const phase = model.series.phases.at(-1)?.phase;
    const parts = [
      methodLabel(run.methods),
      run.stage ? (run.stage === 'teacher' ? t('teacher stage') : t('student stage')) : '',
      phase && live ? phaseShort(phase) : '',
    ];
    setText(this.#method, parts.filter(Boolean).join(' · '));
    const time = live && run.etaMs !== undefined ? t('{0} left', duration(run.etaMs)) : '';
    this.#progress.set(
      run.progress,
      time
        ? t('{0} percent, {1}', percent(run.progress, 0), time)
        : t('{0} percent', percent(run.progress, 0)),
      canPause(run.status),
    );
    setText(
      this.#step,
      run.step === undefined
        ? ''
        : run.iterations
          ? t('Step {0} of {1}', count(run.step), count(run.iterations))
          : t('Step {0}', count(run.step)),
    );
    setText(this.#left, time || `${percent(run.progress, 0)} %`);
    this.#showNumbers([
      [t('Loss'), number(run.loss)],
      [t('Student mIoU'), percent(run.bestStudentMiou, 1)],
      ...(run.bestTeacherMiou === undefined
        ? []
        : [[t('Teacher mIoU'), percent(run.bestTeacherMiou, 1)] as [string, string]]),
      ...(run.samplesPerSecond === undefined
        ? []
        : [[t('Images/s'), rate(run.samplesPerSecond)] as [string, string]]),
      ...(run.memory === undefined ? [] : [[t('Memory'), bytes(run.memory)] as [string, string]]),
    ]);
    setText(this.#engine, run.engine ? t('Engine: {0}', run.engine) : '');
    this.#error.hidden = !run.error;
    if (run.error) setText(this.#error, run.error);
    if (this.#drawn !== model.revision) {
      this.#drawn = model.revision;
      this.#group.end = model.series.length > 0 ? model.series.x.at(model.series.length - 1) : 0;
      const all = lossLines(model, 0.8);
      this.#chart.update({ ...all, lines: all.lines.slice(0, 1) }, []);
    }
  }

  #showNumbers(all: [string, string][]): void {
    const text = JSON.stringify(all);
    if (this.#numbers.dataset.shown === text) return;
    this.#numbers.dataset.shown = text;
    this.#numbers.replaceChildren(
      ...all.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value))),
    );
  }
}
