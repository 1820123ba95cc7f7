import { percent } from '../model/format';
import { rgbText } from '../paint/color';
import { el, setText, swatch } from '../ui/dom';
import { t } from '../ui/l10n';
import type { ClassInfo } from './inspect';

export interface ClassListEvents {
  /** Hidden classes after the change. */
  change(hidden: Set<number>): void;
}

/** Numbers beside the classes. */
export interface ClassScores {
  heading: string;
  /** Fractions by class, and what has them, as it is said after the class's name: a network, a run. */
  columns: readonly { name: string; values: readonly (number | null | undefined)[] }[];
}

export const noScores: ClassScores = { heading: '', columns: [] };

/** A class of the list. Hiding and showing changes its nodes in place. */
interface Row {
  root: HTMLElement;
  toggle: HTMLElement;
  only: HTMLElement;
  name: string;
  /** Its numbers in words. */
  spoken: string;
}

/**
 * The classes with their colours and IoU: click or Space hides and shows, "only" or Enter shows one alone (again: all).
 * Up and down move, the list is one tab stop.
 */
export class ClassList {
  readonly root = el('section', { class: 'classes', 'aria-label': t('Classes') });
  readonly #list = el('ul', { class: 'class-rows' });
  readonly #heads = el('span', { class: 'class-heads', 'aria-hidden': 'true' });
  #rows: Row[] = [];
  #hidden: ReadonlySet<number> = new Set();
  #shape = '';

  constructor(private readonly events: ClassListEvents) {
    this.root.append(
      el('h2', {}, t('Classes'), this.#heads),
      this.#list,
      el(
        'div',
        { class: 'class-actions' },
        el('button', { class: 'link', onclick: () => this.events.change(new Set()) }, t('Show all')),
        el(
          'button',
          { class: 'link', onclick: () => this.events.change(new Set(this.#rows.keys())) },
          t('Hide all'),
        ),
      ),
    );
    this.#list.addEventListener('keydown', (e) => this.#onKey(e));
  }

  show(
    classes: readonly ClassInfo[],
    present: ReadonlySet<number>,
    hidden: ReadonlySet<number>,
    scores: ClassScores,
  ): void {
    const shape = JSON.stringify([classes, [...present], scores]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#build(classes, present, scores);
    }
    this.#hidden = hidden;
    for (const [id, row] of this.#rows.entries()) this.#set(row, id);
  }

  #build(classes: readonly ClassInfo[], present: ReadonlySet<number>, scores: ClassScores): void {
    const active = this.#list.contains(document.activeElement)
      ? (document.activeElement as HTMLElement)
      : null;
    const focus = active ? `[data-class="${active.dataset.class}"].${active.classList[0]}` : null;
    this.#heads.textContent = scores.heading;
    this.#rows = classes.map((info, id) => this.#row(info, id, present.has(id), scores));
    this.#list.replaceChildren(...this.#rows.map(({ root }) => root));
    const stop =
      (focus && this.#list.querySelector<HTMLElement>(focus)) ||
      this.#list.querySelector<HTMLElement>('button');
    if (stop) stop.tabIndex = 0;
    if (focus) stop?.focus();
  }

  #row(info: ClassInfo, id: number, present: boolean, scores: ClassScores): Row {
    const values = scores.columns.map(({ values }) => values[id]);
    const spoken = scores.columns.map(({ name }, i) => `${name} ${percent(values[i], 1)}`).join(', ');
    const toggle = el(
      'button',
      { class: 'class-toggle', 'data-class': id, tabindex: -1, onclick: () => this.#toggle(id) },
      swatch(rgbText(info.color)),
      el('span', { class: 'class-name' }, info.name),
      el('span', { class: 'class-iou' }, briefly(values)),
      present ? null : el('span', { class: 'visually-hidden' }, t(', not in this picture')),
    );
    const only = el('button', {
      class: 'class-only',
      'data-class': id,
      tabindex: -1,
      onclick: () => this.#solo(id),
    });
    const root = el('li', { class: `class-row${present ? '' : ' absent'}` }, toggle, only);
    return { root, toggle, only, name: info.name, spoken };
  }

  /** Whether it is shown, and what a click would do. */
  #set({ root, toggle, only, name, spoken }: Row, id: number): void {
    const shown = !this.#hidden.has(id);
    const alone = this.#alone(id);
    const set = (node: HTMLElement, attribute: string, value: string) => {
      if (node.getAttribute(attribute) !== value) node.setAttribute(attribute, value);
    };
    root.classList.toggle('off', !shown);
    set(toggle, 'aria-pressed', String(shown));
    set(
      toggle,
      'title',
      `${shown ? t('Hide {0} (Enter: only this)', name) : t('Show {0} (Enter: only this)', name)}${spoken ? `; ${spoken}` : ''}`,
    );
    set(only, 'aria-pressed', String(alone));
    set(only, 'aria-label', alone ? t('Show all classes') : t('Show only {0}', name));
    setText(only, alone ? t('all') : t('only'));
  }

  #alone(id: number): boolean {
    return !this.#hidden.has(id) && this.#hidden.size === this.#rows.length - 1;
  }

  #toggle(id: number): void {
    const hidden = new Set(this.#hidden);
    if (!hidden.delete(id)) hidden.add(id);
    this.events.change(hidden);
  }

  #solo(id: number): void {
    const others = [...this.#rows.keys()].filter((k) => k !== id);
    this.events.change(new Set(this.#alone(id) ? [] : others));
  }

  #onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const id = Number(target.dataset.class);
    const kind = target.classList[0];
    const last = this.#rows.length - 1;
    const to = {
      ArrowDown: [Math.min(last, id + 1), kind],
      ArrowUp: [Math.max(0, id - 1), kind],
      Home: [0, kind],
      End: [last, kind],
      ArrowRight: [id, 'class-only'],
      ArrowLeft: [id, 'class-toggle'],
    }[event.key];
    if (to) {
      event.preventDefault();
      const next = this.#list.querySelector<HTMLElement>(`.${to[1]}[data-class="${to[0]}"]`);
      if (!next) return;
      target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === 'Enter' && kind === 'class-toggle') {
      event.preventDefault();
      this.#solo(id);
    }
  }
}

/** Two numbers side by side; of more, between which they lie. */
function briefly(values: readonly (number | null | undefined)[]): string {
  if (values.length <= 2) return values.map((value) => percent(value, 1)).join(' / ');
  const known = values.filter((value) => typeof value === 'number');
  if (known.length === 0) return percent(null, 1);
  return `${percent(Math.min(...known), 1)} – ${percent(Math.max(...known), 1)}`;
}
