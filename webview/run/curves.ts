import { Chart } from '../chart/chart';
import { chartHint, curveControls } from '../chart/controls';
import { ChartGroup } from '../chart/group';
import { lossLines, miouLines, rateLines, watchedLines } from '../chart/lines';
import { marksOf } from '../chart/marks';
import { count, number } from '../model/format';
import { phaseShort } from '../model/names';
import type { RunModel } from '../model/run-model';
import { el, setText } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import type { StateStore } from './state';
import type { Scene, View } from './view';

/** Loss and its terms, mIoU, what methods watch and learning rate over one step axis through both stages. */
export class Curves implements View {
  readonly root: HTMLElement;
  readonly #group = new ChartGroup();
  readonly #where = el('p', { class: 'cursor-where', 'aria-live': 'polite' });
  readonly #hidden: Set<string>;
  readonly #charts: { loss: Chart; miou: Chart; rate: Chart; watched: Chart };
  #scene: Scene | undefined;
  #drawn = '';

  constructor(private readonly store: StateStore) {
    const state = store.value;
    this.#hidden = new Set(state.hiddenLines);
    const common = {
      onSave: (name: string, data: string | ArrayBuffer) => post({ kind: 'save', name, data }),
      group: this.#group,
      hidden: this.#hidden,
      onToggle: (id: string) => {
        if (!this.#hidden.delete(id)) this.#hidden.add(id);
        store.set({ hiddenLines: [...this.#hidden] });
        this.#draw();
      },
    };
    this.#charts = {
      loss: new Chart({
        ...common,
        title: t('Loss'),
        height: 300,
        format: number,
        empty: t('Waiting for the first step.'),
      }),
      miou: new Chart({
        ...common,
        title: t('mIoU on validation (%)'),
        height: 220,
        format: (v) => (v === null ? '–' : String(Number(v.toFixed(2)))),
        empty: t('Not evaluated yet.'),
      }),
      rate: new Chart({
        ...common,
        title: t('Learning rate'),
        height: 140,
        format: number,
        empty: t('Waiting for the first step.'),
      }),
      watched: new Chart({
        ...common,
        title: t('Watched'),
        height: 200,
        format: number,
        empty: t('Nothing is watched.'),
      }),
    };
    // Few methods have anything to watch.
    this.#charts.watched.root.hidden = true;
    this.#group.onCursor = (x) =>
      setText(this.#where, this.#scene ? describePosition(this.#scene.model, x) : '');
    this.root = el(
      'section',
      { class: 'curves' },
      el(
        'div',
        { class: 'toolbar' },
        ...curveControls(store.value, (change) => {
          store.set(change);
          this.#draw();
        }),
        this.#where,
      ),
      this.#charts.loss.root,
      this.#charts.miou.root,
      this.#charts.watched.root,
      this.#charts.rate.root,
      el('p', { class: 'hint' }, chartHint),
    );
  }

  render(scene: Scene): void {
    this.#scene = scene;
    if (!this.root.hidden) this.#draw();
  }

  #draw(): void {
    const model = this.#scene?.model;
    if (!model) return;
    const { smoothing, log } = this.store.value;
    const state = JSON.stringify([
      model.revision,
      smoothing,
      log,
      [...this.#hidden],
      this.root.clientWidth > 0,
    ]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const evaluated = model.evaluations.at(-1)?.x ?? 0;
    this.#group.end = Math.max(
      evaluated,
      model.series.length > 0 ? model.series.x.at(model.series.length - 1) : 0,
    );
    const marks = marksOf(model);
    this.#charts.loss.update(lossLines(model, smoothing), marks, log);
    this.#charts.miou.update(miouLines(model), marks);
    const watched = watchedLines(model, smoothing);
    this.#charts.watched.root.hidden = watched.lines.length === 0;
    this.#charts.watched.update(watched, marks);
    this.#charts.rate.update(rateLines(model), marks);
    if (!this.#where.textContent) setText(this.#where, describePosition(model, null));
  }
}

/** "Step 120 of the student stage (TSE)", or how far the data reaches. */
function describePosition(model: RunModel, x: number | null): string {
  if (x === null) return '';
  const stage = model.stageAt(x);
  if (!stage) return t('Step {0}', count(x));
  const phase = model.series.phases.findLast((p) => p.x <= x)?.phase;
  const step = count(x - stage.offset);
  if (phase)
    return stage.id === 'teacher'
      ? t('Step {0} of the teacher stage ({1})', step, phaseShort(phase))
      : t('Step {0} of the student stage ({1})', step, phaseShort(phase));
  return stage.id === 'teacher'
    ? t('Step {0} of the teacher stage', step)
    : t('Step {0} of the student stage', step);
}
