import { csv, json, type TextTable } from '../model/table-text';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import { button } from '../ui/toolkit';
import { type Arm, differingPaths } from './arms';
import type { Comparison, Part } from './view';

/** Where the configurations of the runs differ; what they share is not said. */
export class Configuration implements Part {
  readonly root: HTMLElement;
  readonly #same = el('p', { class: 'empty' }, t('These runs have the same configuration.'));
  readonly #table = el('table', { class: 'compare-table' });
  readonly #differences: HTMLElement;
  #text: TextTable = { heads: [], rows: [] };
  #shown = '';

  constructor(save: (name: string, text: string) => void) {
    this.#differences = el(
      'div',
      {},
      el(
        'div',
        { class: 'toolbar' },
        button('CSV', {
          title: t('Save the table as CSV'),
          onClick: () => save('configurations.csv', csv(this.#text)),
        }),
        button('JSON', {
          title: t('Save the table as JSON'),
          onClick: () => save('configurations.json', json(this.#text)),
        }),
      ),
      el(
        'div',
        { class: 'wide', tabindex: 0, role: 'region', 'aria-label': t('Where the configurations differ') },
        this.#table,
      ),
    );
    this.root = el('section', { class: 'configuration' }, this.#same, this.#differences);
  }

  render({ arms, runs }: Comparison): void {
    const paths = differingPaths(runs);
    const shape = JSON.stringify([paths, arms.map(({ id, label }) => [id, label])]);
    if (shape === this.#shown) return;
    this.#shown = shape;
    this.#same.hidden = paths.length > 0;
    this.#differences.hidden = paths.length === 0;
    this.#text = {
      heads: [t('Setting'), ...arms.map(({ label }) => label)],
      rows: paths.map((path) => [path, ...arms.map((arm) => valueIn(arm, path))]),
    };
    this.#table.replaceChildren(
      el('caption', { class: 'visually-hidden' }, t('Where the configurations differ')),
      el('thead', {}, el('tr', {}, ...this.#text.heads.map((head) => el('th', { scope: 'col' }, head)))),
      el(
        'tbody',
        {},
        ...this.#text.rows.map(([path, ...values]) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, String(path)),
            ...values.map((value) => el('td', {}, String(value))),
          ),
        ),
      ),
    );
  }
}

function valueIn({ runs }: Arm, path: string): string {
  const values = new Set(runs.map(({ config }) => (config[path] === undefined ? '–' : String(config[path]))));
  return [...values].join(', ');
}
