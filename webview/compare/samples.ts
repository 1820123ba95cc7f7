import type { SampleEvent } from '../../src/protocol/events';
import type { SampleRequest, ToWebview } from '../../src/protocol/panel';
import { count, percent } from '../model/format';
import { roleName } from '../model/names';
import type { Evaluation } from '../model/run-model';
import { rgbText } from '../paint/color';
import { el, setText } from '../ui/dom';
import { t } from '../ui/l10n';
import { type Slider, slider } from '../ui/slider';
import { dropdown } from '../ui/toolkit';
import { ClassList, type ClassScores } from '../viewer/class-list';
import { Gaze } from '../viewer/gaze';
import { inspect } from '../viewer/inspect';
import { layersOf, type PaintOptions, type PaneId, paneIds, panesOf, paneTitle } from '../viewer/layers';
import { opacitySlider } from '../viewer/opacity';
import { Pane } from '../viewer/pane';
import type { Picture } from '../viewer/picture';
import { SampleSource } from '../viewer/sample-source';
import { paneWords } from '../viewer/words';
import { labelOf, type Run } from './arms';
import type { CompareStore } from './state';
import type { Comparison, Part } from './view';

/** One run's pane, and where its pictures come from. */
interface Place {
  run: Run;
  pane: Pane;
  note: HTMLElement;
  source: SampleSource;
  picture: Picture | undefined;
  asked: string;
}

/** The same sample at the same step of every run, side by side, moved and inspected together. */
export class Samples implements Part {
  readonly root: HTMLElement;
  readonly #steps: Slider;
  readonly #ids = el('span');
  readonly #layers = el('span');
  readonly #classes = new ClassList({
    change: (hidden) => {
      this.store.set({ hiddenClasses: [...hidden] });
      this.#paintAll();
      this.#showClasses();
    },
  });
  readonly #grid = el('div', { class: 'panes' });
  readonly #readout = el('p', { class: 'readout', role: 'status', 'aria-live': 'polite' });
  readonly #empty = el('p', { class: 'empty' }, t('None of these runs has a sample of this stage yet.'));
  readonly #body: HTMLElement;
  readonly #places = new Map<string, Place>();
  #stops: number[] = [];
  #offeredIds = '';
  #offeredLayers = '';
  readonly #gaze = new Gaze(
    (zoom) => this.store.set({ zoom }),
    () => this.#look(),
  );

  constructor(
    private readonly store: CompareStore,
    private readonly ask: (folder: string, request: SampleRequest) => void,
  ) {
    this.#steps = slider({
      label: t('Step'),
      min: 0,
      max: 0,
      step: 1,
      value: 0,
      text: (i) =>
        this.#stops[i] === undefined ? '–' : `${roleName[store.value.stage]} ${count(this.#stops[i])}`,
      onInput: (i) => {
        store.set({ step: i === this.#stops.length - 1 ? null : this.#stops[i]! });
        this.#load();
      },
    });
    this.#steps.root.classList.add('wide');
    this.#body = el(
      'div',
      {},
      el(
        'div',
        { class: 'toolbar' },
        this.#steps.root,
        this.#ids,
        this.#layers,
        opacitySlider(store.value.opacity, (opacity) => {
          store.set({ opacity });
          for (const { pane } of this.#places.values()) pane.fade(opacity);
        }),
      ),
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
  }

  render({ runs }: Comparison): void {
    this.#keepPlaces(runs);
    if (this.root.hidden) return;
    const { stage } = this.store.value;
    const steps = runs.flatMap(({ model }) =>
      model.samples.filter((s) => s.stage === stage).map((s) => s.step),
    );
    this.#stops = [...new Set(steps)].sort((a, b) => a - b);
    this.#empty.hidden = this.#stops.length > 0;
    this.#body.hidden = this.#stops.length === 0;
    if (this.#stops.length === 0) return;
    const at = this.store.value.step === null ? -1 : this.#stops.indexOf(this.store.value.step);
    this.#steps.set(at >= 0 ? at : this.#stops.length - 1, this.#stops.length - 1);
    this.#offerIds(runs);
    this.#load();
  }

  receive(folder: string, message: Extract<ToWebview, { kind: 'sample' }>): void {
    this.#places.get(folder)?.source.receive(message);
  }

  problem(folder: string, message: string): void {
    this.#places.get(folder)?.source.problem(message);
  }

  reset(): void {
    for (const place of this.#places.values()) {
      place.source.reset();
      place.asked = '';
    }
  }

  #keepPlaces(runs: readonly Run[]): void {
    for (const [folder, place] of this.#places)
      if (!runs.some(({ summary }) => summary.folder === folder)) {
        place.pane.root.remove();
        this.#places.delete(folder);
      }
    for (const run of runs) {
      const { folder } = run.summary;
      const known = this.#places.get(folder);
      if (known) known.run = run;
      else this.#places.set(folder, this.#place(run, folder, labelOf(run, runs)));
      const { root } = this.#places.get(folder)!.pane;
      if (!root.isConnected) this.#grid.append(root);
    }
    const columns = Math.min(runs.length, runs.length > 4 ? 4 : runs.length);
    this.#grid.style.gridTemplateColumns = `repeat(auto-fit, minmax(max(220px, ${Math.floor(100 / Math.max(1, columns)) - 3}%), 1fr))`;
  }

  #place(run: Run, folder: string, name: string): Place {
    const pane = new Pane(this.store.value.layer, this.#gaze.events, name);
    const note = el('p', { class: 'hint' });
    pane.foot.append(note);
    const place: Place = {
      run,
      pane,
      note,
      picture: undefined,
      asked: '',
      source: new SampleSource(
        (request) => this.ask(folder, request),
        (picture) => this.#show(place, picture),
        (message) => setText(note, message),
      ),
    };
    return place;
  }

  /** The step that is chosen, or where a run has none there the last one before it. */
  #sampleOf({ model }: Run): SampleEvent | undefined {
    const { stage, step, sampleId } = this.store.value;
    const limit = step ?? this.#stops.at(-1) ?? 0;
    const own = model.samples.filter((s) => s.stage === stage && s.step <= limit);
    const latest = own.reduce((most, s) => Math.max(most, s.step), -1);
    const there = own.filter((s) => s.step === latest);
    const wanted = sampleId ?? model.samples[0]?.id;
    return there.find((s) => s.id === wanted) ?? there[0];
  }

  #load(): void {
    for (const place of this.#places.values()) {
      const sample = this.#sampleOf(place.run);
      if (!sample) {
        setText(place.note, t('No sample of this run up to this step.'));
        continue;
      }
      const { stage, step, id } = sample;
      const name = `${stage}/${step}/${id}`;
      if (place.asked === name) continue;
      place.asked = name;
      const picture = place.source.want({ stage, step, id });
      if (picture) this.#show(place, picture);
    }
  }

  #show(place: Place, picture: Picture): void {
    place.picture = picture;
    const { step, id } = picture.key;
    const wanted = this.store.value.step ?? this.#stops.at(-1);
    const miou = evaluationAt(place.run, picture.key)?.miou;
    const parts = [step === wanted ? id : t('{0} at step {1}, its last before', id, count(step))];
    if (picture.difference) parts.push(t('student right on {0} %', percent(1 - errors(picture), 1)));
    if (miou !== undefined) parts.push(`mIoU ${percent(miou)}`);
    setText(place.note, parts.join('  ·  '));
    this.#offerLayers();
    this.#paint(place);
    this.#showClasses();
    this.#look();
  }

  #paintAll(): void {
    for (const place of this.#places.values()) this.#paint(place);
  }

  #paint({ pane, picture, run }: Place): void {
    if (!picture) return;
    const { opacity, layer, hiddenClasses } = this.store.value;
    const there = panesOf(picture);
    const shown = there.includes(layer) ? layer : (there[0] ?? 'image');
    const options: PaintOptions = { hidden: new Set(hiddenClasses), mode: 'all', stretch: true };
    pane.id = shown;
    pane.fade(opacity);
    pane.show(
      layersOf(shown, picture, run.classes, options),
      picture.width,
      picture.height,
      paneWords(shown, picture, run.classes),
    );
  }

  /** The classes of all runs together. */
  #showClasses(): void {
    const places = [...this.#places.values()];
    const present = new Set(places.flatMap(({ picture }) => [...(picture?.classes ?? [])]));
    this.#classes.show(
      places[0]?.run.classes ?? [],
      present,
      new Set(this.store.value.hiddenClasses),
      this.#scores(places),
    );
  }

  /** How well every run's student had learned each class by the step that is shown. */
  #scores(places: readonly Place[]): ClassScores {
    const columns = places.flatMap(({ run, picture, pane }) => {
      const values = picture && evaluationAt(run, picture.key)?.iou;
      return values ? [{ name: `${pane.title}: ${t('student IoU')}`, values }] : [];
    });
    const heading = columns.length > 2 ? t('IoU, lowest – highest') : columns.length > 0 ? 'IoU' : '';
    return { heading, columns };
  }

  #offerIds(runs: readonly Run[]): void {
    const ids = [...new Set(runs.flatMap(({ model }) => model.samples.map(({ id }) => id)))];
    const shape = JSON.stringify(ids);
    if (shape === this.#offeredIds) return;
    this.#offeredIds = shape;
    this.#ids.replaceChildren(
      ...(ids.length > 1
        ? [
            dropdown(
              t('Sample'),
              ids.map((id) => ({ value: id, label: id })),
              this.store.value.sampleId ?? ids[0]!,
              (sampleId) => {
                this.store.set({ sampleId });
                this.#load();
              },
            ),
          ]
        : []),
    );
  }

  #offerLayers(): void {
    const there = new Set(
      [...this.#places.values()].flatMap(({ picture }) => (picture ? panesOf(picture) : [])),
    );
    const ids = paneIds.filter((id) => there.has(id) && id !== 'composed');
    const shape = ids.join();
    if (shape === this.#offeredLayers) return;
    this.#offeredLayers = shape;
    const { layer } = this.store.value;
    this.#layers.replaceChildren(
      dropdown(
        t('Layer'),
        ids.map((id) => ({ value: id, label: paneTitle[id] })),
        ids.includes(layer) ? layer : (ids[0] ?? 'image'),
        (chosen) => {
          this.store.set({ layer: chosen as PaneId });
          this.#paintAll();
          this.#look();
        },
      ),
    );
  }

  /** Moves all panes to the same window and pixel, and tells what is there. */
  #look(): void {
    const { zoom } = this.store.value;
    const said: string[] = [];
    for (const { pane, picture, run } of this.#places.values()) {
      if (!picture) continue;
      const at = this.#gaze.within(picture);
      pane.look(zoom, at);
      const facts = at ? inspect(picture, run.classes, ...at) : [];
      const fact = facts.find(({ pane: id }) => id === pane.id);
      const color = fact?.classId === undefined ? undefined : run.classes[fact.classId]?.color;
      pane.tell(fact?.text ?? '', color && rgbText(color));
      if (fact) said.push(`${pane.title}: ${fact.text}`);
    }
    setText(
      this.#readout,
      this.#gaze.at ? `x ${this.#gaze.at[0]}, y ${this.#gaze.at[1]}  ·  ${said.join('  ·  ')}` : '',
    );
  }
}

function errors(picture: Picture): number {
  return picture.share('studentWrong') + picture.share('sameMistake') + picture.share('ownMistakes');
}

/** The last evaluation of a run's student in a stage up to a step. */
function evaluationAt({ model }: Run, { stage, step }: Picture['key']): Evaluation | undefined {
  return model.evaluations.findLast((e) => e.role === 'student' && e.stage === stage && e.step <= step);
}
