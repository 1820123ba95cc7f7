/** A power of two: places are rounded by its bits. */
const STEP = 8;

interface Level {
  low: Float64Array;
  high: Float64Array;
}

/**
 * A column of values and the least and the greatest of any stretch of it, found in a few looks however long the stretch:
 * each level keeps the extremes of eight entries of the level below. What is not finite counts as missing, as NaN.
 */
export class Extremes {
  readonly values: Float64Array;
  readonly #levels: Level[];
  /** Of the stretch asked for last; greater than `high` where there is no value. */
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;

  constructor(values: ArrayLike<number | null>) {
    const own = new Float64Array(values.length);
    for (let i = 0; i < own.length; i++) {
      const value = values[i];
      own[i] = typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
    }
    this.values = own;
    this.#levels = [{ low: own, high: own }];
    for (let below = this.#levels[0]!; below.low.length > 1; below = this.#levels.at(-1)!)
      this.#levels.push(above(below));
  }

  /** Looks at the values from `from` up to but not including `to`; `low` and `high` then say what was found. */
  find(from: number, to: number): boolean {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let start = Math.max(0, from);
    let end = Math.min(this.values.length, to);
    for (let k = 0; start < end; k++) {
      const { low: lows, high: highs } = this.#levels[k]!;
      // What does not fill a whole entry of the next level is looked at here.
      const up = Math.min(end, (start + STEP - 1) & -STEP);
      const down = Math.max(up, end & -STEP);
      // A comparison with NaN is false: what is missing is passed over.
      for (let i = start; i < up; i++) {
        if (lows[i]! < low) low = lows[i]!;
        if (highs[i]! > high) high = highs[i]!;
      }
      for (let i = down; i < end; i++) {
        if (lows[i]! < low) low = lows[i]!;
        if (highs[i]! > high) high = highs[i]!;
      }
      start = up / STEP;
      end = down / STEP;
    }
    this.low = low;
    this.high = high;
    return low <= high;
  }
}

function above(below: Level): Level {
  const length = Math.ceil(below.low.length / STEP);
  const low = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < below.low.length; i++) {
    const at = Math.floor(i / STEP);
    if (below.low[i]! < low[at]!) low[at] = below.low[i]!;
    if (below.high[i]! > high[at]!) high[at] = below.high[i]!;
  }
  return { low, high };
}
