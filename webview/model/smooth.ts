/**
 * Exponential moving average without the pull towards zero at the start (as TensorBoard's scalars do it): each value is
 * divided by the weight seen so far. NaN leaves a gap and does not spoil what follows.
 * @param restarts indices at which another stage begins: nothing is carried over.
 * @param weight 0 (as measured) up to but not including 1.
 */
export function smooth(
  values: ArrayLike<number>,
  weight: number,
  restarts: ReadonlySet<number> = new Set(),
): (number | null)[] {
  let sum = 0;
  let seen = 0;
  return Array.from(values, (v, i) => {
    if (restarts.has(i)) sum = seen = 0;
    if (!Number.isFinite(v)) return null;
    if (weight <= 0) return v;
    sum = sum * weight + v * (1 - weight);
    seen = seen * weight + (1 - weight);
    return sum / seen;
  });
}
