import { UNKNOWN_CLASS } from '../../src/protocol/dataset-browser';
import { count } from '../model/format';
import { rgbText } from '../paint/color';
import { el, setText } from '../ui/dom';
import { t } from '../ui/l10n';
import { button, checkbox } from '../ui/toolkit';
import { ClassList, noScores } from '../viewer/class-list';
import { balancedColumns } from '../viewer/columns';
import { Gaze } from '../viewer/gaze';
import { type ClassInfo, className } from '../viewer/inspect';
import { opacitySlider } from '../viewer/opacity';
import { Pane } from '../viewer/pane';
import type { SamplePicture } from './picture';
import type { BrowserStore } from './state';

/** Below this a picture is too small to judge: the other goes underneath. */
const SMALLEST_PANE = 300;

/** One sample: its image, the label map over it, the classes in it, and what is at a pixel. */
export class SampleViewer {
  readonly root: HTMLElement;
  readonly #classes: ClassList;
  readonly #grid = el('div', { class: 'panes' });
  readonly #readout = el('p', { class: 'readout', role: 'status', 'aria-live': 'polite' });
  readonly #problems = el('ul', { class: 'alert warning sample-problems', hidden: true });
  readonly #panes: { image: Pane; label: Pane };
  #infos: readonly ClassInfo[] = [];
  #picture: SamplePicture | undefined;
  #counts: Uint32Array = new Uint32Array(256);
  readonly #gaze = new Gaze(
    (zoom) => this.store.set({ zoom }),
    () => this.#look(),
  );

  constructor(
    private readonly store: BrowserStore,
    onOpen: (which: 'image' | 'label') => void,
  ) {
    this.#classes = new ClassList({
      change: (hidden) => {
        store.set({ hiddenClasses: [...hidden] });
        this.#paint();
      },
    });
    const { events } = this.#gaze;
    this.#panes = { image: new Pane('image', events), label: new Pane('label', events) };
    const { opacity, beside } = store.value;
    this.root = el(
      'section',
      { 'aria-label': t('Sample') },
      el(
        'div',
        { class: 'toolbar' },
        opacitySlider(opacity, (opacity) => {
          store.set({ opacity });
          this.#paint();
        }),
        checkbox(t('Image beside'), beside, (on) => {
          store.set({ beside: on });
          this.#arrange();
          this.#paint();
        }),
        button(t('Open Image'), { onClick: () => onOpen('image') }),
        button(t('Open Label Map'), { onClick: () => onOpen('label') }),
      ),
      this.#problems,
      el(
        'div',
        { class: 'samples-main' },
        this.#classes.root,
        el('div', { class: 'samples-view' }, this.#grid, this.#readout),
      ),
    );
    new ResizeObserver(() => this.#arrange()).observe(this.#grid);
  }

  set loading(on: boolean) {
    this.#grid.classList.toggle('loading', on);
  }

  show(picture: SamplePicture, infos: readonly ClassInfo[]): void {
    this.#picture = picture;
    this.#infos = infos;
    this.#counts = picture.counts();
    this.loading = false;
    const { problems } = picture.sample;
    this.#problems.hidden = problems.length === 0;
    this.#problems.replaceChildren(...problems.map((text) => el('li', {}, text)));
    this.#arrange();
    this.#paint();
    this.#look();
  }

  /** Nothing was found to show. */
  clear(): void {
    this.#picture = undefined;
    this.#problems.hidden = true;
    this.#grid.replaceChildren();
    this.#classes.show(this.#infos, new Set(), new Set(this.store.value.hiddenClasses), noScores);
    setText(this.#readout, '');
  }

  #arrange(): void {
    const picture = this.#picture;
    if (!picture) return;
    const { image, label } = this.#panes;
    const wanted = picture.label
      ? this.store.value.beside && picture.image
        ? [image, label]
        : [label]
      : [image];
    const roots = wanted.map((pane) => pane.root);
    if (
      roots.length !== this.#grid.children.length ||
      roots.some((root, i) => this.#grid.children[i] !== root)
    )
      this.#grid.replaceChildren(...roots);
    const columns = balancedColumns(roots.length, this.#grid.clientWidth, SMALLEST_PANE, 14);
    this.#grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  }

  #paint(): void {
    const picture = this.#picture;
    if (!picture) return;
    const { opacity, hiddenClasses } = this.store.value;
    const hidden = new Set(hiddenClasses);
    const { width, height } = picture;
    const { id } = picture.sample;
    const photograph = picture.photograph;
    if (this.#panes.image.root.isConnected)
      this.#panes.image.show(
        photograph,
        width,
        height,
        t('the photograph “{0}”, {1} by {2} pixels', id, width, height),
      );
    if (this.#panes.label.root.isConnected)
      this.#panes.label.show(
        [...photograph, ...picture.labelMap(this.#infos, opacity, hidden)],
        width,
        height,
        this.#words(),
      );
    const labelled = this.#counts.reduce((sum, n) => sum + n, 0) - this.#counts[255]!;
    const present = new Set([...this.#infos.keys()].filter((c) => this.#counts[c]! > 0));
    this.#classes.show(
      this.#infos,
      present,
      hidden,
      picture.label
        ? {
            heading: t('% of pixels'),
            columns: [
              {
                name: t('% of pixels'),
                values: this.#infos.map((_, c) => (present.has(c) ? this.#counts[c]! / labelled : null)),
              },
            ],
          }
        : noScores,
    );
  }

  /** The text alternative of the label map: the classes that cover most of it. */
  #words(): string {
    const all = this.#counts.reduce((sum, n) => sum + n, 0);
    const largest = [...this.#counts.keys()]
      .filter((id) => this.#counts[id]! > 0)
      .sort((a, b) => this.#counts[b]! - this.#counts[a]!)
      .slice(0, 3);
    return largest
      .map((id) => `${this.#nameOf(id)} ${((100 * this.#counts[id]!) / all).toFixed(0)} %`)
      .join(', ');
  }

  #nameOf(id: number): string {
    return id === UNKNOWN_CLASS && !this.#infos[id] ? t('unknown values') : className(this.#infos, id);
  }

  /** Moves both panes to the same window and pixel, and tells what is there. */
  #look(): void {
    const picture = this.#picture;
    if (!picture) return;
    const { zoom } = this.store.value;
    const { width, height } = picture;
    const at = this.#gaze.within(picture);
    const fact = at && picture.at(...at, this.#infos);
    for (const pane of Object.values(this.#panes)) pane.look(zoom, at);
    const color = fact?.classId === undefined ? undefined : this.#infos[fact.classId]?.color;
    this.#panes.label.tell(fact?.text ?? '', color && rgbText(color));
    const { id, stride } = picture.sample;
    const size = `${count(width * stride)} × ${count(height * stride)}`;
    const part = stride > 1 ? `, ${t('every {0}th pixel is shown', stride)}` : '';
    const zoomed = zoom.scale > 1 ? `  ·  ${t('zoom {0}×', zoom.scale.toFixed(1))}` : '';
    setText(
      this.#readout,
      at && fact
        ? `x ${at[0] * stride}, y ${at[1] * stride}  ·  ${fact.text}${zoomed}`
        : `${id}, ${size}${part}${zoomed}`,
    );
  }
}
