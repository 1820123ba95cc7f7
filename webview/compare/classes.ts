import type { Role } from '../../src/protocol/events';
import { percent } from '../model/format';
import { roleName } from '../model/names';
import { csv, json, type TextTable } from '../model/table-text';
import { rgbText } from '../paint/color';
import { el, swatch } from '../ui/dom';
import { t } from '../ui/l10n';
import { button, dropdown } from '../ui/toolkit';
import { type Arm, meanOf } from './arms';
import type { CompareStore } from './state';
import type { Comparison, Part } from './view';

type Score = { mean: number; deviation: number } | undefined;

interface Row {
  name: string;
  color: string | undefined;
  /** One per arm. */
  scores: Score[];
}

/** IoU per class of the best evaluation of every arm, and how it differs from one of them. */
export class Classes implements Part {
  readonly root: HTMLElement;
  readonly #references = el('span');
  readonly #table = el('table', { class: 'compare-table' });
  readonly #empty = el('p', { class: 'empty' }, t('None of these runs has been evaluated yet.'));
  #comparison: Comparison | undefined;
  #role: Role = 'student';
  #shown = '';
  #offered = '';

  constructor(
    private readonly store: CompareStore,
    private readonly save: (name: string, text: string) => void,
  ) {
    this.root = el(
      'section',
      { class: 'classes-tab' },
      el(
        'div',
        { class: 'toolbar' },
        dropdown(
          t('Network'),
          [
            { value: 'student', label: roleName.student },
            { value: 'teacher', label: roleName.teacher },
          ],
          'student',
          (role) => {
            this.#role = role as Role;
            this.#draw();
          },
        ),
        this.#references,
        el('span', { class: 'space' }),
        button('CSV', {
          title: t('Save the table as CSV'),
          onClick: () => this.save('classes.csv', csv(this.#text())),
        }),
        button('JSON', {
          title: t('Save the table as JSON'),
          onClick: () => this.save('classes.json', json(this.#text())),
        }),
      ),
      this.#empty,
      el(
        'div',
        { class: 'wide', tabindex: 0, role: 'region', 'aria-label': t('IoU per class') },
        this.#table,
      ),
    );
  }

  render(comparison: Comparison): void {
    this.#comparison = comparison;
    this.#offerReferences(comparison.arms);
    if (!this.root.hidden) this.#draw();
  }

  #reference(): number {
    const found = this.#comparison?.arms.findIndex(({ id }) => id === this.store.value.reference) ?? -1;
    return Math.max(0, found);
  }

  #offerReferences(arms: readonly Arm[]): void {
    const shape = JSON.stringify(arms.map(({ id, label }) => [id, label]));
    if (shape === this.#offered) return;
    this.#offered = shape;
    this.#references.replaceChildren(
      dropdown(
        t('Compared with'),
        arms.map(({ id, label }) => ({ value: id, label })),
        arms[this.#reference()]?.id ?? '',
        (reference) => {
          this.store.set({ reference });
          this.#draw();
        },
      ),
    );
  }

  #rows(): Row[] {
    const { arms, runs } = this.#comparison!;
    const classes = runs[0]?.classes ?? [];
    const best = arms.map(({ runs: own }) => own.flatMap(({ model }) => model.best(this.#role) ?? []));
    const means = best.map((all): Score => meanOf(all.map(({ miou }) => miou)));
    const perClass = classes.map(
      ({ name, color }, id): Row => ({
        name,
        color: rgbText(color),
        scores: best.map((all) => meanOf(all.flatMap(({ iou }) => iou[id] ?? []))),
      }),
    );
    return [{ name: 'mIoU', color: undefined, scores: means }, ...perClass];
  }

  #draw(): void {
    if (!this.#comparison) return;
    const { arms } = this.#comparison;
    const rows = this.#rows();
    const reference = this.#reference();
    const shape = JSON.stringify([rows, reference, arms.map(({ label }) => label)]);
    if (shape === this.#shown) return;
    this.#shown = shape;
    const any = rows.some(({ scores }) => scores.some(Boolean));
    this.#empty.hidden = any;
    this.#table.hidden = !any;
    this.#table.replaceChildren(
      el(
        'caption',
        { class: 'visually-hidden' },
        t(
          'Intersection over union per class in percent, at the best evaluation, and the difference from {0}',
          arms[reference]?.label ?? '',
        ),
      ),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, t('Class')),
          ...arms.map(({ label }) => el('th', { scope: 'col' }, label)),
        ),
      ),
      el(
        'tbody',
        {},
        ...rows.map(({ name, color, scores }) =>
          el(
            'tr',
            { class: color ? undefined : 'total' },
            el('th', { scope: 'row' }, ...(color ? [swatch(color)] : []), name),
            ...scores.map((score, i) => cell(score, i === reference ? undefined : scores[reference])),
          ),
        ),
      ),
    );
  }

  #text(): TextTable {
    const arms = this.#comparison?.arms ?? [];
    const rows = this.#comparison ? this.#rows() : [];
    return {
      heads: [t('class'), ...arms.flatMap(({ label }) => [label, t('{0} deviation', label)])],
      rows: rows.map(({ name, scores }) => [
        name,
        ...scores.flatMap((score) => [score?.mean, score?.deviation]),
      ]),
    };
  }
}

function cell(score: Score, reference: Score): HTMLElement {
  if (!score) return el('td', {}, '–');
  const spread = score.deviation > 0 ? ` ± ${percent(score.deviation)}` : '';
  const gap = reference && score.mean - reference.mean;
  return el(
    'td',
    {},
    el('span', { class: 'figure' }, `${percent(score.mean)}${spread}`),
    gap === undefined ? null : el('span', { class: 'gap' }, gapText(gap)),
  );
}

function gapText(gap: number): string {
  const size = percent(Math.abs(gap));
  return gap > 0 ? `▲ +${size}` : gap < 0 ? `▼ −${size}` : `= ${size}`;
}
