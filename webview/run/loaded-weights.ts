import type { WeightsEvent } from '../../src/protocol/events';
import { el } from '../ui/dom';

const groups = [
  ['loaded', 'loaded'],
  ['otherShape', 'of another shape'],
  ['missing', 'missing'],
  ['unexpected', 'unexpected'],
] as const;

/** What the networks began from and what became of it; every weight by name where a file is unfolded. */
export function loadedWeights(events: readonly WeightsEvent[]): HTMLElement[] {
  if (events.length === 0) return [];
  return [el('h2', {}, 'Weights the networks began from'), ...events.map(oneFile)];
}

function oneFile(event: WeightsEvent): HTMLElement {
  const counts = groups
    .filter(([key]) => key === 'loaded' || event[key].length > 0)
    .map(([key, words]) => `${event[key].length} ${words}`)
    .join(', ');
  const lists = groups.flatMap(([key, words]) =>
    event[key].length === 0
      ? []
      : [
          el('h3', {}, `${event[key].length} ${words}`),
          el(
            'ul',
            { class: 'deviations' },
            ...event[key].map(({ name, shape, from, found, done }) =>
              el(
                'li',
                {},
                [
                  `${name} [${shape}]`,
                  ...(from === undefined ? [] : [`from ${from}`]),
                  ...(found === undefined ? [] : [`in the file ${found}`]),
                  ...(done === words ? [] : [done]),
                ].join(', '),
              ),
            ),
          ),
        ],
  );
  const role = event.role === 'teacher' ? 'Teacher' : 'Student';
  return el(
    'details',
    {},
    el('summary', {}, `${role}: ${counts}, from ${event.file} (${event.format})`),
    ...(event.names === '' ? [] : [el('p', {}, `Names: ${event.names}`)]),
    ...lists,
  );
}
