import type { Extremes } from './extremes';
import type { XRange } from './group';

/** Where a plot lies and what it shows, in pixels of whatever it is drawn on. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  x: XRange;
  y: XRange;
  /** A logarithmic y axis. */
  log: boolean;
}

/** Whether a point lies within a frame, its edges included. */
export const isWithin = ({ left, top, width, height }: Frame, x: number, y: number): boolean =>
  x > left - 0.5 && x < left + width + 0.5 && y > top - 0.5 && y < top + height + 0.5;

/** The steps that a frame shows, the same for all lines of a chart. */
export interface Steps {
  x: Float64Array;
  /** Indices in sight, with one more at either side: `from` up to but not including `to`. */
  from: number;
  to: number;
  /** Index at which each pixel column begins, and where the last ends; none where steps are wide enough to be drawn one by one. */
  columns: Int32Array | undefined;
  /** Indices at which another stage begins, ascending. */
  breaks: readonly number[];
}

/** A line as it is drawn. */
export interface Trace {
  /** Lines through points: x, y, x, y, ... */
  ways: number[][];
  /** Where many values share a pixel column, how far they reach: left edge, top, bottom, left edge, ... One pixel wide. */
  bars: number[];
}

/** Index of the first value that is not less than `limit`. */
function firstFrom(x: Float64Array, limit: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function stepsIn(x: Float64Array, breaks: readonly number[], frame: Frame): Steps {
  const { min, max } = frame.x;
  const first = firstFrom(x, min);
  const last = firstFrom(x, max);
  const end = last < x.length && x[last] === max ? last + 1 : last;
  const width = Math.max(1, Math.round(frame.width));
  let columns: Int32Array | undefined;
  if (end - first > width) {
    columns = new Int32Array(width + 1);
    for (let i = 0; i < width; i++) columns[i] = firstFrom(x, min + ((max - min) * i) / width);
    columns[width] = end;
  }
  return {
    x,
    from: Math.max(0, first - 1),
    to: Math.min(x.length, end + 1),
    columns,
    breaks: breaks.map((start) => firstFrom(x, start)),
  };
}

/** Places of steps along the axis. */
export function xScale({ left, width, x }: Frame): (step: number) => number {
  const scale = width / (x.max - x.min);
  return (step) => left + (step - x.min) * scale;
}

/** Heights of values; those that a logarithmic axis does not have lie far below. */
export function yScale({ top, height, y, log }: Frame): (value: number) => number {
  const bottom = top + height;
  if (!log) {
    const scale = height / (y.max - y.min);
    return (value) => bottom - (value - y.min) * scale;
  }
  const low = Math.log10(y.min);
  const scale = height / (Math.log10(y.max) - low);
  return (value) => bottom - Math.max(-1e4, (Math.log10(value) - low) * scale);
}

/**
 * Makes a line of a column of values.
 * @param connect goes on across steps without a value
 */
export function trace(line: Extremes, steps: Steps, frame: Frame, connect: boolean): Trace {
  return steps.columns && steps.columns.length > 1
    ? inColumns(line, steps, steps.columns, frame, connect)
    : throughPoints(line, steps, frame, connect);
}

function throughPoints({ values }: Extremes, steps: Steps, frame: Frame, connect: boolean): Trace {
  const ways: number[][] = [];
  const [xOf, yOf] = [xScale(frame), yScale(frame)];
  let way: number[] | undefined;
  let [from, to] = [steps.from, steps.to];
  // What is connected comes from the last value before what is seen, and goes on to the next after it.
  if (connect) {
    while (from > 0 && Number.isNaN(values[from]!)) from--;
    while (to < values.length && Number.isNaN(values[to - 1]!)) to++;
  }
  for (let i = from; i < to; i++) {
    if (steps.breaks.includes(i)) way = undefined;
    const value = values[i]!;
    if (Number.isNaN(value)) {
      if (!connect) way = undefined;
      continue;
    }
    if (!way) {
      way = [];
      ways.push(way);
    }
    way.push(xOf(steps.x[i]!), yOf(value));
  }
  return { ways, bars: [] };
}

function inColumns(
  line: Extremes,
  { breaks, from }: Steps,
  columns: Int32Array,
  frame: Frame,
  connect: boolean,
): Trace {
  const { values } = line;
  const result: Trace = { ways: [], bars: [] };
  const yOf = yScale(frame);
  /** The last value drawn: its index, its value, its column. */
  let last = -1;
  let before = Number.NaN;
  let column = -1;
  const bar = (at: number, start: number, end: number): void => {
    let first = start;
    while (first < end && Number.isNaN(values[first]!)) first++;
    if (first === end) return;
    line.find(first, end);
    let { low, high } = line;
    if (last >= 0 && (connect || last === first - 1)) {
      if (at - column > 1)
        result.ways.push([
          frame.left + column + 0.5,
          yOf(before),
          frame.left + at + 0.5,
          yOf(values[first]!),
        ]);
      else {
        low = Math.min(low, before);
        high = Math.max(high, before);
      }
    }
    result.bars.push(frame.left + at, yOf(high), yOf(low));
    last = end - 1;
    while (Number.isNaN(values[last]!)) last--;
    before = values[last]!;
    column = at;
  };
  // The line comes in from the left.
  if (from < columns[0]! && !Number.isNaN(values[from]!)) [last, before, column] = [from, values[from]!, 0];
  for (let at = 0; at + 1 < columns.length; at++) {
    let start = columns[at]!;
    const end = columns[at + 1]!;
    for (const stage of breaks)
      if (stage >= start && stage < end) {
        bar(at, start, stage);
        last = -1;
        start = stage;
      }
    bar(at, start, end);
  }
  return result;
}

/**
 * A way through points as bars: how far it reaches in every pixel column that it crosses.
 * @param width of the plot, in columns, the first of which begins at `left`
 */
export function barsOf(way: readonly number[], left: number, width: number): number[] {
  const tops = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const bottoms = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i + 3 < way.length; i += 2) {
    const [x0, y0, x1, y1] = [way[i]! - left, way[i + 1]!, way[i + 2]! - left, way[i + 3]!];
    const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
    const last = Math.min(width - 1, Math.floor(x1));
    for (let column = Math.max(0, Math.floor(x0)); column <= last; column++) {
      const a = y0 + (Math.max(x0, column) - x0) * slope;
      const b = y0 + (Math.min(x1, column + 1) - x0) * slope;
      tops[column] = Math.min(tops[column]!, a, b);
      bottoms[column] = Math.max(bottoms[column]!, a, b);
    }
  }
  const bars: number[] = [];
  for (let column = 0; column < width; column++)
    if (tops[column]! <= bottoms[column]!) bars.push(left + column, tops[column]!, bottoms[column]!);
  return bars;
}
