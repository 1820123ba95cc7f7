import { count, percent } from '../model/format';
import type { Evaluation } from '../model/run-model';
import type { TextTable } from '../model/table-text';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';

/** Beyond this many classes cells are too small to read and too many to draw; the largest confusions say more. */
const LARGEST_TABLE = 40;
const MISTAKES = 12;

export interface Mistake {
  label: number;
  predicted: number;
  pixels: number;
  /** Of the pixels with this label. */
  share: number;
}

/** Which classes are taken for which others most often, by pixels; what is right is left out. */
export function mistakesOf(counts: readonly number[], classes: number): Mistake[] {
  const found: Mistake[] = [];
  for (let label = 0; label < classes; label++) {
    const row = counts.slice(label * classes, (label + 1) * classes);
    const all = row.reduce((a, b) => a + b, 0);
    row.forEach((pixels, predicted) => {
      if (predicted !== label && pixels > 0) found.push({ label, predicted, pixels, share: pixels / all });
    });
  }
  return found.sort((a, b) => b.pixels - a.pixels);
}

export function confusionTable({ confusion }: Evaluation, names: readonly string[]): TextTable {
  const n = names.length;
  return {
    heads: [t('label \\ prediction'), ...names],
    rows: names.map((name, label) => [name, ...(confusion ?? []).slice(label * n, (label + 1) * n)]),
  };
}

/** The confusion matrix of an evaluation, each row in percent of its label; and in words what is confused most. */
export function confusionView({ confusion, role }: Evaluation, names: readonly string[]): HTMLElement[] {
  const n = names.length;
  if (!confusion || confusion.length !== n * n) return [];
  const mistakes = mistakesOf(confusion, n).slice(0, MISTAKES);
  return [
    el('h2', {}, role === 'teacher' ? t('Confusion, teacher') : t('Confusion, student')),
    ...(n <= LARGEST_TABLE ? [matrix(confusion, names, role)] : []),
    el('h3', { class: 'mistakes-head' }, t('Most frequent')),
    el(
      'ol',
      { class: 'mistakes' },
      ...mistakes.map(({ label, predicted, pixels, share }) =>
        el(
          'li',
          {},
          t(
            '{0} taken for {1}: {2} % of its pixels ({3})',
            names[label]!,
            names[predicted]!,
            percent(share, 1),
            count(pixels),
          ),
        ),
      ),
    ),
  ];
}

function matrix(counts: readonly number[], names: readonly string[], role: Evaluation['role']): HTMLElement {
  const n = names.length;
  return el(
    'div',
    {
      class: 'confusion-scroll',
      tabindex: 0,
      role: 'region',
      // Student and teacher each have one.
      'aria-label':
        role === 'teacher' ? t('Confusion matrix of the teacher') : t('Confusion matrix of the student'),
    },
    el(
      'table',
      { class: 'confusion' },
      el('caption', {}, t('Rows: what it is. Columns: what it was taken for. Percent of the row.')),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('td'),
          ...names.map((name) => el('th', { scope: 'col', title: name }, el('span', {}, name))),
        ),
      ),
      el(
        'tbody',
        {},
        ...names.map((name, label) => {
          const row = counts.slice(label * n, (label + 1) * n);
          const all = row.reduce((a, b) => a + b, 0);
          return el(
            'tr',
            {},
            el('th', { scope: 'row' }, name),
            ...row.map((pixels, predicted) => cell(all > 0 ? pixels / all : 0, label === predicted)),
          );
        }),
      ),
    ),
  );
}

/** Shaded by its share; small shares are not written, so that the large ones stand out. */
function cell(share: number, right: boolean): HTMLElement {
  const node = el('td', { class: right ? 'right' : undefined }, share >= 0.005 ? percent(share, 0) : '');
  // At most three tenths of the colour: the text on it keeps a contrast of 4.5 to 1 in every theme.
  node.style.setProperty('--share', `${Math.round(share * 30)}%`);
  return node;
}
