import { Extremes } from './extremes';
import type { Line } from './lines';
import { type Frame, type Steps, type Trace, trace } from './trace';

/** A line of a chart with its columns made ready to be drawn over any range of steps. */
export interface Curve {
  line: Line;
  values: Extremes;
  /** As measured, where the line is smoothed. */
  faint: Extremes | undefined;
  spread: { low: Extremes; high: Extremes } | undefined;
}

export function curveOf(line: Line): Curve {
  return {
    line,
    values: new Extremes(line.values),
    faint: line.faint && new Extremes(line.faint),
    spread: line.spread && { low: new Extremes(line.spread.low), high: new Extremes(line.spread.high) },
  };
}

/** Least and greatest of everything that is drawn of these curves between two indices; null where there is nothing. */
export function reachOf(
  curves: readonly Curve[],
  from: number,
  to: number,
  log: boolean,
): [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values, faint, spread } of curves)
    for (const column of [values, faint, spread?.low, spread?.high])
      if (column?.find(from, to)) {
        // A logarithmic axis cannot show what is not above zero; the least that it can is looked for by itself.
        low = Math.min(low, log && column.low <= 0 ? leastPositive(column.values, from, to) : column.low);
        high = Math.max(high, column.high);
      }
  return low <= high && (!log || high > 0) ? [low, high] : null;
}

function leastPositive(values: Float64Array, from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = from; i < to; i++) if (values[i]! > 0 && values[i]! < least) least = values[i]!;
  return least;
}

/** One mark of the pen: a line, or the band about one. */
export interface Drawn {
  curve: Curve;
  kind: 'band' | 'faint' | 'line';
  trace: Trace;
  /** The lower edge, of a band. */
  lower?: Trace;
}

/** Everything to be drawn of curves, in order: bands and faint twins first, beneath everything. */
export function drawnOf(curves: readonly Curve[], steps: Steps, frame: Frame): Drawn[] {
  const along = (column: Extremes, { sparse, bridged }: Line) =>
    trace(column, steps, frame, !!sparse || !!bridged);
  return [
    ...curves.flatMap((curve): Drawn[] =>
      curve.spread
        ? [
            {
              curve,
              kind: 'band',
              trace: along(curve.spread.high, curve.line),
              lower: along(curve.spread.low, curve.line),
            },
          ]
        : [],
    ),
    ...curves.flatMap((curve): Drawn[] =>
      curve.faint ? [{ curve, kind: 'faint', trace: along(curve.faint, curve.line) }] : [],
    ),
    ...curves.map((curve): Drawn => ({ curve, kind: 'line', trace: along(curve.values, curve.line) })),
  ];
}

/**
 * The outline of a band: along its upper edge and back along the lower, x, y, x, y, ... One for each stretch without a hole.
 */
export function outlinesOf(upper: Trace, lower: Trace): number[][] {
  const ways = upper.ways.flatMap((way, i) => {
    const back = lower.ways[i];
    if (!back) return [];
    const reversed: number[] = [];
    for (let k = back.length - 2; k >= 0; k -= 2) reversed.push(back[k]!, back[k + 1]!);
    return [[...way, ...reversed]];
  });
  const bars: number[][] = [];
  for (let i = 0; i < Math.min(upper.bars.length, lower.bars.length); i += 3) {
    const [x, top, bottom] = [upper.bars[i]!, upper.bars[i + 1]!, lower.bars[i + 2]!];
    bars.push([x, top, x + 1, top, x + 1, bottom, x, bottom]);
  }
  return [...ways, ...bars];
}
