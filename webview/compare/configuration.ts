import { el } from '../ui/dom';
import { type Arm, differingPaths } from './arms';
import type { Comparison, Part } from './view';

/** Where the configurations of the runs differ; what they share is not said. */
export class Configuration implements Part {
  readonly root = el('section', { class: 'configuration' });
  #shown = '';

  render({ arms, runs }: Comparison): void {
    const paths = differingPaths(runs);
    const shape = JSON.stringify([paths, arms.map(({ id, label }) => [id, label])]);
    if (shape === this.#shown) return;
    this.#shown = shape;
    this.root.replaceChildren(
      paths.length === 0
        ? el('p', { class: 'empty' }, 'These runs have the same configuration.')
        : el(
            'div',
            { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Where the configurations differ' },
            el(
              'table',
              { class: 'compare-table' },
              el('caption', { class: 'visually-hidden' }, 'Where the configurations differ'),
              el(
                'thead',
                {},
                el(
                  'tr',
                  {},
                  el('th', { scope: 'col' }, 'Setting'),
                  ...arms.map(({ label }) => el('th', { scope: 'col' }, label)),
                ),
              ),
              el(
                'tbody',
                {},
                ...paths.map((path) =>
                  el(
                    'tr',
                    {},
                    el('th', { scope: 'row' }, path),
                    ...arms.map((arm) => el('td', {}, valueIn(arm, path))),
                  ),
                ),
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
