import type { LabelMap } from '../dataset';
import type { Axis } from './resize';

/**
 * How many classes a crop of a label map shows, and the share of the largest among the labelled pixels (0 without any):
 * what mmsegmentation's `cat_max_ratio` looks at. Upscaling repeats rows, which are counted once and weighted.
 */
export function dominance(
  { data, width }: LabelMap,
  rows: Axis,
  columns: Axis,
): { classes: number; largest: number } {
  const counts: number[] = [];
  const xs = columns.nearest;
  for (let y = 0; y < rows.length; ) {
    const row = rows.nearest[y]! * width;
    let times = 1;
    while (y + times < rows.length && rows.nearest[y + times] === rows.nearest[y]) times++;
    for (let x = 0; x < xs.length; x++) {
      const id = data[row + xs[x]!]!;
      if (id >= 0) counts[id] = (counts[id] ?? 0) + times;
    }
    y += times;
  }
  const seen = counts.filter((count) => count > 0);
  const labelled = seen.reduce((sum, count) => sum + count, 0);
  return { classes: seen.length, largest: labelled === 0 ? 0 : Math.max(...seen) / labelled };
}
