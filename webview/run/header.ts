import { bytes, count, duration, number, percent, rate } from '../model/format';
import {
  canPause,
  canResume,
  isLive,
  methodLabel,
  phaseLabel,
  stageLabel,
  statusLabel,
} from '../model/names';
import { el, setText } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import { progressBar } from '../ui/progress';
import { statusIcon } from '../ui/status';
import { button } from '../ui/toolkit';
import type { Scene, View } from './view';

/** Name, state, progress and the few numbers that matter, always in sight. */
export class Header implements View {
  readonly root: HTMLElement;
  readonly #icon = el('span', { class: 'header-icon' });
  readonly #name = el('h1');
  readonly #status = el('span', { class: 'header-status', role: 'status', 'aria-live': 'polite' });
  readonly #facts = el('p', { class: 'header-facts' });
  readonly #progress = progressBar(t('Progress of the run'));
  readonly #tiles = new Map<string, { root: HTMLElement; value: HTMLElement; note: HTMLElement }>();
  readonly #problem = el('p', { class: 'alert', role: 'alert', hidden: true });
  readonly #stop = button(t('Stop'), {
    title: t('Finish the step, write a checkpoint and end the run'),
    onClick: () => post({ kind: 'command', command: 'stop' }),
  });
  readonly #pause = button(t('Pause'), {
    title: t('Finish the step, write a checkpoint and rest; the processor is free meanwhile'),
    onClick: () => post({ kind: 'command', command: 'pause' }),
  });
  readonly #continue = button(t('Go On'), {
    appearance: 'primary',
    title: t('Go on with the next step'),
    onClick: () => post({ kind: 'command', command: 'continue' }),
  });
  readonly #resume = button(t('Resume'), {
    appearance: 'primary',
    title: t('Go on from the last checkpoint'),
    onClick: () => post({ kind: 'command', command: 'resume' }),
  });
  #shownStatus = '';

  constructor() {
    const config = button(t('Configuration'), {
      title: t('Open the configuration file of this run'),
      onClick: () => post({ kind: 'command', command: 'openConfig' }),
    });
    const browse = button(t('Dataset'), {
      title: t('Browse the samples of the dataset of this run'),
      onClick: () => post({ kind: 'command', command: 'browse' }),
    });
    const reveal = button(t('Folder'), {
      title: t('Show the run folder in the explorer'),
      onClick: () => post({ kind: 'command', command: 'reveal' }),
    });
    this.root = el(
      'header',
      { class: 'header' },
      el(
        'div',
        { class: 'header-top' },
        el('div', { class: 'header-name' }, this.#icon, this.#name, this.#status),
        el(
          'div',
          { class: 'header-actions' },
          this.#continue,
          this.#pause,
          this.#stop,
          this.#resume,
          config,
          browse,
          reveal,
        ),
      ),
      this.#facts,
      this.#progress.root,
      el(
        'dl',
        { class: 'tiles' },
        ...[
          ['step', t('Step')],
          ['left', t('Time left')],
          ['speed', t('Images per second')],
          ['loss', t('Loss')],
          ['student', t('Best student mIoU')],
          ['teacher', t('Best teacher mIoU')],
        ].map(([id, label]) => this.#tile(id!, label!)),
      ),
      this.#problem,
    );
  }

  render({ run, model }: Scene): void {
    const live = isLive(run.status);
    setText(this.#name, run.name);
    if (this.#shownStatus !== run.status) {
      this.#shownStatus = run.status;
      this.#icon.replaceChildren(statusIcon(run.status));
      this.#status.className = `header-status status-${run.status}`;
      setText(this.#status, statusLabel[run.status]);
      this.#stop.hidden = !live;
      this.#pause.hidden = !canPause(run.status);
      this.#continue.hidden = run.status !== 'paused';
      this.#resume.hidden = !canResume(run.status);
    }
    const phase = model.series.phases.at(-1)?.phase;
    const facts = [methodLabel(run.methods), run.student, run.engine ? t('engine {0}', run.engine) : ''];
    if (run.stage && run.status !== 'finished') facts.push(stageLabel[run.stage]);
    if (phase && live) facts.push(phaseLabel(phase));
    setText(this.#facts, facts.filter(Boolean).join('  ·  '));

    const steps =
      run.step === undefined
        ? '–'
        : run.iterations
          ? t('{0} of {1}', count(run.step), count(run.iterations))
          : count(run.step);
    const time =
      live && run.etaMs !== undefined ? t('{0} left', duration(run.etaMs)) : statusLabel[run.status];
    const moving = canPause(run.status);
    this.#progress.set(run.progress, t('{0} percent, {1}', percent(run.progress, 0), time), moving);
    const spent = run.endedAt ? duration(run.endedAt - run.createdAt) : undefined;
    this.#set('step', steps, t('{0} % of the run', percent(run.progress, 0)));
    this.#relabel('left', live ? t('Time left') : t('Took'));
    this.#set('left', live ? (run.etaMs === undefined ? '–' : duration(run.etaMs)) : (spent ?? '–'), '');
    this.#set('loss', number(run.loss), '');
    this.#set(
      'speed',
      run.samplesPerSecond === undefined ? '–' : rate(run.samplesPerSecond),
      run.memory === undefined ? '' : t('{0} of memory', bytes(run.memory)),
    );
    this.#tiles.get('speed')!.root.hidden = !live;
    const best = (role: 'student' | 'teacher', value: number | undefined) => {
      const at = model.best(role);
      const now = model.latest(role);
      this.#set(
        role,
        percent(value ?? at?.miou),
        now && at && now.step !== at.step ? t('now {0}', percent(now.miou)) : '',
      );
    };
    best('student', run.bestStudentMiou);
    best('teacher', run.bestTeacherMiou);
    const message = run.error ?? model.warnings.at(-1);
    this.#problem.hidden = !message;
    this.#problem.classList.toggle('warning', !run.error);
    if (message) setText(this.#problem, message);
  }

  #tile(id: string, label: string): HTMLElement {
    const value = el('dd', { class: 'tile-value' }, '–');
    const note = el('dd', { class: 'tile-note' });
    const root = el(
      'div',
      { class: 'tile', 'data-tile': id },
      el('dt', { class: `tile-label ${id}` }, label),
      value,
      note,
    );
    this.#tiles.set(id, { root, value, note });
    return root;
  }

  #relabel(id: string, label: string): void {
    setText(this.#tiles.get(id)!.value.previousElementSibling!, label);
  }

  #set(id: string, value: string, note: string): void {
    const tile = this.#tiles.get(id)!;
    setText(tile.value, value);
    setText(tile.note, note);
  }
}
