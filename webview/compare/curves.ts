import type { StageId } from '../../src/protocol/events';
import { Chart } from '../chart/chart';
import { chartHint, curveControls } from '../chart/controls';
import { ChartGroup } from '../chart/group';
import { count, number } from '../model/format';
import { roleName } from '../model/names';
import { el, setText } from '../ui/dom';
import { t } from '../ui/l10n';
import { dropdown } from '../ui/toolkit';
import { stagesOf } from './arms';
import { lossLines, miouLines } from './lines';
import type { CompareStore } from './state';
import type { Comparison, Part } from './view';

const percentText = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toFixed(2)));

/** Loss and mIoU of all arms over each other, over the steps of one stage. */
export class Curves implements Part {
  readonly root: HTMLElement;
  readonly #group = new ChartGroup();
  readonly #stages = el('span');
  readonly #where = el('p', { class: 'cursor-where', 'aria-live': 'polite' });
  readonly #charts: { student: Chart; teacher: Chart; loss: Chart };
  #comparison: Comparison | undefined;
  #drawn = '';
  #offered = '';

  constructor(
    private readonly store: CompareStore,
    onSave: (name: string, data: string | ArrayBuffer) => void,
  ) {
    const hidden = new Set(store.value.hidden);
    const common = {
      onSave,
      group: this.#group,
      hidden,
      onToggle: (id: string) => {
        if (!hidden.delete(id)) hidden.add(id);
        store.set({ hidden: [...hidden] });
        this.#draw();
      },
    };
    const miou = { ...common, height: 240, format: percentText, empty: t('Not evaluated in this stage.') };
    this.#charts = {
      student: new Chart({ ...miou, title: t('Student mIoU on validation (%)') }),
      teacher: new Chart({ ...miou, title: t('Teacher mIoU on validation (%)') }),
      loss: new Chart({
        ...common,
        title: t('Loss'),
        height: 280,
        format: number,
        empty: t('No steps in this stage.'),
      }),
    };
    this.#group.onCursor = (x) => setText(this.#where, x === null ? '' : t('Step {0}', count(x)));
    this.root = el(
      'section',
      { class: 'curves' },
      el(
        'div',
        { class: 'toolbar' },
        this.#stages,
        ...curveControls(store.value, (change) => {
          store.set(change);
          this.#draw();
        }),
        this.#where,
      ),
      this.#charts.student.root,
      this.#charts.teacher.root,
      this.#charts.loss.root,
      el('p', { class: 'hint' }, chartHint),
    );
  }

  render(comparison: Comparison): void {
    this.#comparison = comparison;
    this.#offerStages(stagesOf(comparison.runs));
    if (!this.root.hidden) this.#draw();
  }

  #offerStages(stages: StageId[]): void {
    const shape = stages.join();
    if (shape === this.#offered) return;
    this.#offered = shape;
    if (!stages.includes(this.store.value.stage) && stages[0]) this.store.set({ stage: stages[0] });
    this.#stages.replaceChildren(
      ...(stages.length > 1
        ? [
            dropdown(
              t('Stage'),
              stages.map((id) => ({ value: id, label: roleName[id] })),
              this.store.value.stage,
              (stage) => {
                this.store.set({ stage: stage as StageId });
                this.#group.zoom(null);
                this.#draw();
              },
            ),
          ]
        : []),
    );
  }

  #draw(): void {
    if (!this.#comparison) return;
    const { arms, revision } = this.#comparison;
    const { stage, smoothing, log, hidden } = this.store.value;
    const state = JSON.stringify([
      revision,
      arms.map(({ id, runs }) => [id, runs.length]),
      stage,
      smoothing,
      log,
      hidden,
      this.root.clientWidth > 0,
    ]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const student = miouLines(arms, stage, 'student');
    const teacher = miouLines(arms, stage, 'teacher');
    const loss = lossLines(arms, stage, smoothing);
    this.#group.end = Math.max(...[student, teacher, loss].map(({ x }) => x.at(-1) ?? 0));
    this.#charts.student.root.hidden = stage === 'teacher';
    this.#charts.teacher.root.hidden = stage === 'student' && teacher.lines.length === 0;
    this.#charts.student.update(student, []);
    this.#charts.teacher.update(teacher, []);
    this.#charts.loss.update(loss, [], log);
  }
}
