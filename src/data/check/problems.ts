import type { DatasetProblem, SplitName } from '../../protocol/dataset-report';
import type { DistillError } from '../../protocol/errors';
import { type DatasetLayout, type LabelTable, stem, UNKNOWN } from '../datasets/layout';
import { type PairRecord, valuesOf } from './record';

/** Values that one sentence names; the rest are counted. */
const NAMED = 5;

/** What is wrong with one sample, from what was found in its files. */
export function pairProblems(
  sample: { split: SplitName; id: string },
  record: PairRecord,
  labels: LabelTable,
): DatasetProblem[] {
  const faults = record.faults.map(({ code, on, what, remedy }) => ({
    ...sample,
    code,
    file: record[on],
    what,
    remedy,
  }));
  return [...faults, ...unknownIds(sample, record, labels)];
}

/** What the layout itself says: missing pairs, images of one name, label maps without image. */
export function layoutProblems({ problems, orphans }: DatasetLayout): DatasetProblem[] {
  return [
    ...problems.map(({ split, id, error }) => pairProblem(split, id, error)),
    ...orphans.map(({ split, file }) => ({
      code: 'label-without-image' as const,
      split,
      id: stem(file),
      file,
      what: 'The label map has no image; it is not used.',
      remedy: 'Add the image, or remove the label map.',
    })),
  ];
}

function pairProblem(split: SplitName, id: string, { what, where, remedy }: DistillError): DatasetProblem {
  return { code: 'dataset-pair', split, id, file: where ?? '', what, remedy };
}

function unknownIds(
  sample: { split: SplitName; id: string },
  { map, label }: PairRecord,
  { ids, help }: LabelTable,
): DatasetProblem[] {
  if (!map) return [];
  const place = (pixel: number) => ({ x: pixel % map.width, y: Math.floor(pixel / map.width) });
  const unknown = [...valuesOf(map)]
    .filter(({ value }) => (ids[value] ?? UNKNOWN) === UNKNOWN)
    .map(({ value, count, first }) => ({ value, count, ...place(first) }));
  if (unknown.length === 0 && map.others === 0) return [];
  const named = unknown
    .slice(0, NAMED)
    .map(
      ({ value, count, x, y }) =>
        `${value} (${count} ${count === 1 ? 'pixel' : 'pixels'}, first at x=${x}, y=${y})`,
    );
  const more = unknown.length - named.length;
  const rest = [
    ...(more > 0 ? [`${more} more values`] : []),
    ...(map.others > 0 ? [`${map.others} pixels of further values`] : []),
  ];
  return [
    {
      ...sample,
      code: 'dataset-label',
      file: label,
      what: `Not class ids of this dataset: ${[...named, ...rest].join(', ')}.`,
      remedy: `${help}.`,
      ids: unknown,
    },
  ];
}
