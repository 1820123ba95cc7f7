import { z } from 'zod';
import { table } from '../document';
import { median, quantile } from '../statistics';
import { type StudioRow, studioRows } from './rows';

/** A line of `bench/results/studio.jsonl`: every measurement in order, in the unit of its row. */
export const studioResultSchema = z.strictObject({
  name: z.string(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
  values: z.array(z.number().nonnegative()).min(1),
  /** The same of an extension that does nothing but this: what VS Code itself takes. */
  floor: z.array(z.number().nonnegative()).min(1).optional(),
});
export type StudioResult = z.infer<typeof studioResultSchema>;

/** What the measurements come to. */
export function amount(values: readonly number[], by: StudioRow['by']): number {
  switch (by) {
    case 'median':
      return median(values);
    case 'p95':
      return quantile(values, 0.95);
    case 'growth':
      return growth(values);
    case 'value':
      return values[0]!;
    default:
      return by satisfies never;
  }
}

const TENTHS = 10;
/** The first tenth is that of opening what is watched. */
const BASE = 1;

/** By the medians of the tenths: a heap swings with every collection of garbage. */
function growth(values: readonly number[]): number {
  if (values.length < TENTHS) throw new RangeError(`${values.length} values have no tenths.`);
  const tenths = Array.from({ length: TENTHS }, (_, i) =>
    median(
      values.slice(Math.floor((i * values.length) / TENTHS), Math.floor(((i + 1) * values.length) / TENTHS)),
    ),
  );
  return Math.max(0, Math.max(...tenths.slice(BASE + 1)) - tenths[BASE]!);
}

/** What stands in the documents, and on the terminal. */
export function studioTable(results: readonly StudioResult[]): string[] {
  return table(
    ['row', 'ours', 'of', 'target', '', 'VS Code alone', 'median', 'least', 'most'],
    known(results).map(({ row, result: { values, floor } }) => {
      const { name, by, unit, target } = row;
      const ours = amount(values, by);
      const text = (value: number) =>
        `${value.toFixed(unit === '%' ? 2 : unit === 'MB' || value < 10 ? 1 : 0)} ${unit}`;
      return [
        `\`${name}\``,
        `${text(ours)}${by === 'value' ? '' : ` (${by})`}`,
        `${values.length}`,
        `<= ${target} ${unit}`,
        ours <= target ? 'met' : 'not met',
        floor ? text(amount(floor, by)) : '',
        ...[median(values), Math.min(...values), Math.max(...values)].map(text),
      ];
    }),
  );
}

/** Markdown for docs/benchmarks.md. */
export function studioMarkdown(results: readonly StudioResult[]): string {
  const about = new Set(
    results.map(
      ({ machine, versions }) =>
        `${machine}. ${Object.entries(versions)
          .map((entry) => entry.join(' '))
          .join(', ')}.`,
    ),
  );
  return [
    ...studioTable(results),
    '',
    ...known(results).map(({ row: { name, what } }) => `- \`${name}\`: ${what}.`),
    '',
    '- VS Code alone: the same with an extension that does nothing but this (`bench/studio/floor`), in turn with ours.',
    ...[...about].map((text) => `- ${text}`),
  ].join('\n');
}

function known(results: readonly StudioResult[]): { row: StudioRow; result: StudioResult }[] {
  return studioRows.flatMap((row) => {
    const result = results.find(({ name }) => name === row.name);
    return result ? [{ row, result }] : [];
  });
}
