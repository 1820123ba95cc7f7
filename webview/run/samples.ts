import type { SampleEvent } from '../../src/protocol/events';
import type { SampleKey, ToWebview } from '../../src/protocol/panel';
import { count, percent } from '../model/format';
import { roleName } from '../model/names';
import type { RunModel } from '../model/run-model';
import {
  chosenSample,
  chosenStop,
  inOrder,
  type SampleOrder,
  type Stop,
  scoreText,
  stopsOf,
} from '../model/samples';
import { rgbText } from '../paint/color';
import type { DifferenceMode } from '../paint/difference';
import { el, setText } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import { type Slider, slider } from '../ui/slider';
import { checkbox, dropdown } from '../ui/toolkit';
import { ClassList, type ClassScores } from '../viewer/class-list';
import { balancedColumns, smallestPane } from '../viewer/columns';
import { Gaze } from '../viewer/gaze';
import { type Fact, inspect } from '../viewer/inspect';
import { layersOf, type PaintOptions, type PaneId, panesOf } from '../viewer/layers';
import { legendOf } from '../viewer/legends';
import { opacitySlider } from '../viewer/opacity';
import { Pane } from '../viewer/pane';
import type { Picture } from '../viewer/picture';
import { SampleSource } from '../viewer/sample-source';
import { paneWords } from '../viewer/words';
import { Composer } from './composer';
import { Player } from './player';
import type { StateStore } from './state';
import type { Scene, View } from './view';

const orders: { value: SampleOrder; label: string }[] = [
  { value: 'taken', label: t('as taken') },
  { value: 'student', label: t('worst IoU first') },
  { value: 'difficulty', label: t('hardest first') },
  { value: 'disagreement', label: t('most disagreement first') },
];

/** Samples by step: every layer of a sample side by side, moved and inspected together. */
export class Samples implements View {
  readonly root: HTMLElement;
  readonly #source = new SampleSource(
    (request) => post({ kind: 'requestSample', ...request }),
    (picture) => this.#show(picture),
    (message) => this.#tellProblem(message),
  );
  readonly #classes = new ClassList({
    change: (hidden) => {
      this.store.set({ hiddenClasses: [...hidden] });
      this.#color();
      this.#showClasses();
    },
  });
  readonly #steps: Slider;
  readonly #ids = el('span', { class: 'field' });
  readonly #player = new Player((restart) => this.#advance(restart));
  readonly #composer: Composer;
  readonly #teacherTools = el('span', { class: 'field' });
  readonly #difficultyTools = el('span', { class: 'field' });
  readonly #readout = el('p', { class: 'readout', role: 'status', 'aria-live': 'polite' });
  readonly #grid = el('div', { class: 'panes' });
  readonly #problem = el('p', { class: 'alert', role: 'alert', hidden: true });
  readonly #empty = el(
    'p',
    { class: 'empty' },
    t('No samples yet. The first picture appears after the first steps of training.'),
  );
  readonly #body: HTMLElement;
  readonly #panes = new Map<PaneId, Pane>();
  #stops: Stop[] = [];
  #scene: Scene | undefined;
  #picture: Picture | undefined;
  readonly #gaze = new Gaze(
    (zoom) => this.store.set({ zoom }),
    () => this.#look(),
  );
  #shownIds = '';

  constructor(private readonly store: StateStore) {
    const state = store.value;
    this.#steps = slider({
      label: t('Step'),
      min: 0,
      max: 0,
      step: 1,
      value: 0,
      text: (i) => this.#stopText(i),
      onInput: (i) => this.#choose(i),
    });
    this.#steps.root.classList.add('wide');
    this.#composer = new Composer(store, () => {
      this.#offerPanes();
      this.#paint();
      this.#look();
    });
    this.#teacherTools.append(
      dropdown(
        t('Differences'),
        [
          { value: 'all', label: t('Errors of both') },
          { value: 'errors', label: t('Student errors') },
          { value: 'disagreement', label: t('Teacher ≠ student') },
        ],
        state.mode,
        (mode) => {
          store.set({ mode: mode as DifferenceMode });
          this.#color();
          this.#explain();
        },
      ),
    );
    this.#difficultyTools.append(
      checkbox(
        t('Stretch difficulty'),
        state.stretch,
        (stretch) => {
          store.set({ stretch });
          this.#color();
          this.#explain();
        },
        t('Use all colours for the difficulties that occur in this picture instead of 0 to 1'),
      ),
    );
    this.#body = el(
      'div',
      { class: 'samples-body' },
      el(
        'div',
        { class: 'toolbar' },
        this.#player.root,
        this.#steps.root,
        this.#ids,
        opacitySlider(state.opacity, (opacity) => {
          store.set({ opacity });
          for (const pane of this.#panes.values()) pane.fade(opacity);
        }),
        this.#teacherTools,
        this.#difficultyTools,
      ),
      this.#composer.root,
      this.#problem,
      el(
        'div',
        { class: 'samples-main' },
        this.#classes.root,
        el('div', { class: 'samples-view' }, this.#grid, this.#readout),
      ),
      el(
        'p',
        { class: 'hint' },
        t(
          'Wheel zooms, dragging moves, double-click shows everything. With a picture focused: arrows inspect pixels, + and − zoom, 0 resets.',
        ),
      ),
    );
    this.root = el('section', { class: 'samples' }, this.#empty, this.#body);
    new ResizeObserver(() => this.#arrange()).observe(this.#grid);
  }

  render(scene: Scene): void {
    this.#scene = scene;
    this.#stops = stopsOf(scene.model, this.store.value.sampleId);
    this.#empty.hidden = this.#stops.length > 0;
    this.#body.hidden = this.#stops.length === 0;
    if (this.#stops.length === 0 || this.root.hidden) return;
    const { step } = this.store.value;
    const index = chosenStop(this.#stops, step);
    this.#steps.set(index, this.#stops.length - 1);
    this.#load(index);
    this.#showClasses();
  }

  /** Asks for the sample that will be shown, before anything of the panel is laid out. */
  prepare(scene: Scene): void {
    this.#scene = scene;
    const { step, sampleId } = this.store.value;
    const stops = stopsOf(scene.model, sampleId);
    const stop = stops[chosenStop(stops, step)];
    if (stop) this.#source.want(keyOf(chosenSample(stop, sampleId, scene.model)));
  }

  receive(message: Extract<ToWebview, { kind: 'sample' }>): void {
    this.#source.receive(message);
  }

  problem(message: string): void {
    this.#source.problem(message);
  }

  reset(): void {
    this.#source.reset();
    // Classes may have other colours now: what is shown is painted again.
    this.#picture = undefined;
  }

  #stopText(index: number): string {
    const stop = this.#stops[index];
    if (!stop) return '–';
    const { stage, step } = stop.samples[0]!;
    const newest = index === this.#stops.length - 1 && this.store.value.step === null;
    return newest ? t('{0} {1} (newest)', roleName[stage], count(step)) : `${roleName[stage]} ${count(step)}`;
  }

  /** The last place of the slider means: stay with the newest. */
  #choose(index: number): void {
    const sample = this.#stops[index]?.samples[0];
    if (!sample) return;
    const newest = index === this.#stops.length - 1;
    this.store.set({ step: newest ? null : { stage: sample.stage, step: sample.step } });
    this.#load(index);
    this.#steps.set(index);
  }

  /** One step on; false at the last. */
  #advance(restart: boolean): boolean {
    const at = restart ? -1 : chosenStop(this.#stops, this.store.value.step);
    if (at + 1 >= this.#stops.length) return false;
    this.#choose(at + 1);
    return true;
  }

  #load(index: number): void {
    const stop = this.#stops[index]!;
    this.#showIds(stop);
    const key = keyOf(chosenSample(stop, this.store.value.sampleId, this.#scene!.model));
    const shown = this.#picture?.key;
    if (shown && shown.stage === key.stage && shown.step === key.step && shown.id === key.id) return;
    const picture = this.#source.want(key);
    this.#grid.classList.toggle('loading', !picture);
    if (picture) this.#show(picture);
  }

  #showIds(stop: Stop): void {
    const { order, sampleId } = this.store.value;
    const listed = inOrder(stop.samples, order);
    const several = new Set(this.#scene?.model.samples.map(({ id }) => id)).size > 1;
    const chosen = chosenSample(stop, sampleId, this.#scene!.model).id;
    const shape = JSON.stringify([listed.map(({ id, scores }) => [id, scores]), order, chosen, several]);
    if (shape === this.#shownIds) return;
    this.#shownIds = shape;
    this.#ids.replaceChildren(
      ...(several
        ? [
            dropdown(
              t('Sample'),
              listed.map((s) => ({
                value: s.id,
                label: [s.id, scoreText(s, order)].filter(Boolean).join('  ·  '),
              })),
              chosen,
              (id) => this.#chooseSample(id),
            ),
            dropdown(t('Order'), orders, order, (value) => {
              const next = value as SampleOrder;
              this.store.set({ order: next });
              const worst = inOrder(stop.samples, next)[0];
              if (worst) this.#chooseSample(worst.id);
            }),
          ]
        : []),
    );
  }

  /** Stays at the step that is shown; the slider then goes through the steps that have this sample. */
  #chooseSample(sampleId: string): void {
    const at = this.#picture?.key;
    this.store.set({ sampleId, ...(at ? { step: { stage: at.stage, step: at.step } } : {}) });
    if (this.#scene) this.render(this.#scene);
  }

  #show(picture: Picture): void {
    this.#picture = picture;
    this.#problem.hidden = true;
    this.#grid.classList.remove('loading');
    this.#teacherTools.hidden = !picture.bytes.teacher || !picture.difference;
    this.#difficultyTools.hidden = !picture.floats.difficulty;
    this.#offerPanes();
    this.#paint();
    this.#explain();
    this.#look();
  }

  /** Those that the picture can fill, and the one of the user's choice. */
  #offerPanes(): void {
    const picture = this.#picture;
    if (!picture) return;
    const there = panesOf(picture);
    this.#composer.offer(there);
    const wanted = this.store.value.composed.on ? [...there, 'composed' as const] : there;
    for (const [id, pane] of this.#panes)
      if (!wanted.includes(id)) {
        pane.root.remove();
        this.#panes.delete(id);
      }
    wanted.forEach((id, i) => {
      if (!this.#panes.has(id))
        this.#panes.set(
          id,
          new Pane(id, { ...this.#gaze.events, save: (pane) => void this.#savePicture(pane) }),
        );
      const { root } = this.#panes.get(id)!;
      if (this.#grid.children[i] !== root) this.#grid.insertBefore(root, this.#grid.children[i] ?? null);
    });
    this.#arrange();
  }

  #arrange(): void {
    const picture = this.#picture;
    if (!picture) return;
    const smallest = smallestPane(picture.width, picture.height);
    const columns = balancedColumns(this.#panes.size, this.#grid.clientWidth, smallest, 14);
    this.#grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  }

  get #options(): PaintOptions {
    const { hiddenClasses, mode, stretch, composed } = this.store.value;
    return { hidden: new Set(hiddenClasses), mode, stretch, composed };
  }

  /** Another picture, or another pane to show it in. */
  #paint(): void {
    const picture = this.#picture;
    if (!picture || !this.#scene) return;
    const { classes } = this.#scene;
    for (const [id, pane] of this.#panes) {
      pane.fade(this.store.value.opacity);
      pane.show(
        layersOf(id, picture, classes, this.#options),
        picture.width,
        picture.height,
        paneWords(id, picture, classes),
      );
    }
    this.#showClasses();
  }

  /** The same picture in other colours. Panes know which of their layers that concerns. */
  #color(): void {
    const picture = this.#picture;
    if (!picture || !this.#scene) return;
    for (const [id, pane] of this.#panes)
      pane.color(layersOf(id, picture, this.#scene.classes, this.#options));
  }

  /** What the colours mean. */
  #explain(): void {
    const picture = this.#picture;
    if (!picture) return;
    for (const [id, pane] of this.#panes) {
      const legend = legendOf(id, picture, this.#options);
      pane.foot.replaceChildren(...(legend ? [legend] : []));
    }
  }

  #showClasses(): void {
    if (!this.#scene) return;
    const { classes, model } = this.#scene;
    this.#classes.show(
      classes,
      this.#picture?.classes ?? new Set(),
      new Set(this.store.value.hiddenClasses),
      this.#scores(model),
    );
  }

  #scores(model: RunModel): ClassScores {
    const student = model.latest('student')?.iou;
    const teacher = model.latest('teacher')?.iou;
    return {
      heading: teacher ? t('IoU student / teacher') : student ? 'IoU' : '',
      columns: [
        ...(student ? [{ name: t('student IoU'), values: student }] : []),
        ...(teacher ? [{ name: t('teacher IoU'), values: teacher }] : []),
      ],
    };
  }

  async #savePicture(pane: Pane): Promise<void> {
    const { stage, step, id } = this.#picture?.key ?? {};
    const name = `${id}-${stage}-${step}-${pane.id}`.replace(/[^\w.-]+/g, '-').slice(-150);
    post({ kind: 'save', name: `${name}.png`, data: await pane.png() });
  }

  /** Moves all panes to the same window and pixel, and tells what is there. */
  #look(): void {
    const picture = this.#picture;
    if (!picture || !this.#scene) return;
    const { zoom } = this.store.value;
    const at = this.#gaze.within(picture);
    const facts = at ? inspect(picture, this.#scene.classes, ...at) : [];
    for (const [id, pane] of this.#panes) {
      pane.look(zoom, at);
      const fact = facts.find((f) => f.pane === id);
      pane.tell(fact?.text ?? '', fact && this.#colorOf(fact));
    }
    const zoomed = zoom.scale > 1 ? `  ·  ${t('zoom {0}×', zoom.scale.toFixed(1))}` : '';
    const { key, width, height } = picture;
    setText(
      this.#readout,
      at
        ? `x ${at[0]}, y ${at[1]}  ·  ${facts.map((f) => `${f.label}: ${f.text}`).join('  ·  ')}${zoomed}`
        : `${key.id}, ${width} × ${height}${picture.difference && !picture.coarse ? `  ·  ${t('student right on {0} % of the labelled pixels', percent(1 - this.#errors(picture), 1))}` : ''}${zoomed}`,
    );
  }

  #errors(picture: Picture): number {
    return picture.share('studentWrong') + picture.share('sameMistake') + picture.share('ownMistakes');
  }

  #colorOf(fact: Fact): string | undefined {
    const color = fact.classId === undefined ? undefined : this.#scene?.classes[fact.classId]?.color;
    return color && rgbText(color);
  }

  #tellProblem(message: string): void {
    this.#problem.hidden = false;
    this.#grid.classList.remove('loading');
    setText(this.#problem, message);
  }
}

const keyOf = ({ stage, step, id }: SampleEvent): SampleKey => ({ stage, step, id });
