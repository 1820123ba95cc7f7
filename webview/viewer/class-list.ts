import { percent } from '../model/format';
import { rgbText } from '../paint/color';
import { el, swatch } from '../ui/dom';
import type { ClassInfo } from './inspect';

export interface ClassListEvents {
  /** Hidden classes after the change. */
  change(hidden: Set<number>): void;
}

export interface ClassScores {
  student: (number | null)[] | undefined;
  teacher: (number | null)[] | undefined;
  /** What the numbers of `student` are, if not its IoU. */
  heading?: string;
}

/**
 * The classes with their colours and IoU: click or Space hides and shows, "only" or Enter shows one alone (again: all).
 * Up and down move, the list is one tab stop.
 */
export class ClassList {
  readonly root = el('section', { class: 'classes', 'aria-label': 'Classes' });
  readonly #rows = el('ul', { class: 'class-rows' });
  readonly #heads = el('span', { class: 'class-heads', 'aria-hidden': 'true' });
  #classes: readonly ClassInfo[] = [];
  #hidden: ReadonlySet<number> = new Set();
  #shape = '';

  constructor(private readonly events: ClassListEvents) {
    this.root.append(
      el('h2', {}, 'Classes', this.#heads),
      this.#rows,
      el(
        'div',
        { class: 'class-actions' },
        el('button', { class: 'link', onclick: () => this.events.change(new Set()) }, 'Show all'),
        el(
          'button',
          { class: 'link', onclick: () => this.events.change(new Set(this.#classes.keys())) },
          'Hide all',
        ),
      ),
    );
    this.#rows.addEventListener('keydown', (e) => this.#onKey(e));
  }

  show(
    classes: readonly ClassInfo[],
    present: ReadonlySet<number>,
    hidden: ReadonlySet<number>,
    scores: ClassScores,
  ): void {
    const shape = JSON.stringify([classes, [...present], [...hidden], scores]);
    if (shape === this.#shape) return;
    this.#shape = shape;
    this.#classes = classes;
    this.#hidden = hidden;
    const active = this.#rows.contains(document.activeElement)
      ? (document.activeElement as HTMLElement)
      : null;
    const focus = active ? `[data-class="${active.dataset.class}"].${active.classList[0]}` : null;
    this.#heads.textContent =
      scores.heading ?? (scores.teacher ? 'IoU student / teacher' : scores.student ? 'IoU' : '');
    this.#rows.replaceChildren(...classes.map((info, id) => this.#row(info, id, present.has(id), scores)));
    const stop =
      (focus && this.#rows.querySelector<HTMLElement>(focus)) ||
      this.#rows.querySelector<HTMLElement>('button');
    if (stop) stop.tabIndex = 0;
    if (focus) stop?.focus();
  }

  #row(info: ClassInfo, id: number, present: boolean, scores: ClassScores): HTMLElement {
    const shown = !this.#hidden.has(id);
    const student = scores.student ? percent(scores.student[id], 1) : '';
    const teacher = scores.teacher ? percent(scores.teacher[id], 1) : '';
    const both = student && teacher ? `${student} / ${teacher}` : student || teacher;
    const spoken = [
      student && `${scores.heading ?? 'student IoU'} ${student}`,
      teacher && `teacher IoU ${teacher}`,
    ]
      .filter(Boolean)
      .join(', ');
    const alone = shown && this.#hidden.size === this.#classes.length - 1;
    return el(
      'li',
      { class: `class-row${shown ? '' : ' off'}${present ? '' : ' absent'}` },
      el(
        'button',
        {
          class: 'class-toggle',
          'data-class': id,
          'aria-pressed': String(shown),
          title: `${shown ? 'Hide' : 'Show'} ${info.name} (Enter: only this)${spoken ? `; ${spoken}` : ''}`,
          tabindex: -1,
          onclick: () => this.#toggle(id),
        },
        swatch(rgbText(info.color)),
        el('span', { class: 'class-name' }, info.name),
        el('span', { class: 'class-iou' }, both),
        present ? null : el('span', { class: 'visually-hidden' }, ', not in this picture'),
      ),
      el(
        'button',
        {
          class: 'class-only',
          'data-class': id,
          'aria-pressed': String(alone),
          'aria-label': alone ? 'Show all classes' : `Show only ${info.name}`,
          tabindex: -1,
          onclick: () => this.#solo(id),
        },
        alone ? 'all' : 'only',
      ),
    );
  }

  #toggle(id: number): void {
    const hidden = new Set(this.#hidden);
    if (!hidden.delete(id)) hidden.add(id);
    this.events.change(hidden);
  }

  #solo(id: number): void {
    const others = new Set([...this.#classes.keys()].filter((k) => k !== id));
    const alone = !this.#hidden.has(id) && this.#hidden.size === others.size;
    this.events.change(alone ? new Set() : others);
  }

  #onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const id = Number(target.dataset.class);
    const kind = target.classList[0];
    const last = this.#classes.length - 1;
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
      const next = this.#rows.querySelector<HTMLElement>(`.${to[1]}[data-class="${to[0]}"]`);
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
