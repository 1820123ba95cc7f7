import type { WeightsEvent } from '../../src/protocol/events';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';

const groups = [
  ['loaded', (count: number) => t('{0} loaded', count)],
  ['otherShape', (count: number) => t('{0} of another shape', count)],
  ['missing', (count: number) => t('{0} missing', count)],
  ['unexpected', (count: number) => t('{0} unexpected', count)],
] as const;

/** What the networks began from and what became of it; every weight by name where a file is unfolded. */
export function loadedWeights(events: readonly WeightsEvent[]): HTMLElement[] {
  if (events.length === 0) return [];
  return [el('h2', {}, t('Weights the networks began from')), ...events.map(oneFile)];
}

function oneFile(event: WeightsEvent): HTMLElement {
  const counts = groups
    .filter(([key]) => key === 'loaded' || event[key].length > 0)
    .map(([key, words]) => words(event[key].length))
    .join(', ');
  const lists = groups.flatMap(([key, words]) =>
    event[key].length === 0
      ? []
      : [
          el('h3', {}, words(event[key].length)),
          el(
            'ul',
            { class: 'deviations' },
            ...event[key].map(({ name, shape, from, found, done }) =>
              el(
                'li',
                {},
                [
                  `${name} [${shape}]`,
                  ...(from === undefined ? [] : [t('from {0}', from)]),
                  ...(found === undefined ? [] : [t('in the file {0}', found)]),
                  ...(done === key ? [] : [done]),
                ].join(', '),
              ),
            ),
          ),
        ],
  );
  const role = event.role === 'teacher' ? t('Teacher') : t('Student');
  return el(
    'details',
    {},
    el('summary', {}, t('{0}: {1}, from {2} ({3})', role, counts, event.file, event.format)),
    ...(event.names === '' ? [] : [el('p', {}, t('Names: {0}', event.names))]),
    ...lists,
  );
}
