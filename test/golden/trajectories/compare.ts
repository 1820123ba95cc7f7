/** Loss and terms, step by step. */
export type Curve = Record<string, number>[];
/** What trains, and running statistics, by PyTorch's names. */
export type Weights = ReadonlyMap<string, Float32Array>;

/**
 * Largest difference of a term over all steps, relative to the second curve; a term that is next to nothing (no pixel is
 * hard) counts as a thousandth of the loss.
 */
export function largestDifference(a: Curve, b: Curve): { relative: number; term: string; step: number } {
  let worst = { relative: 0, term: '', step: 0 };
  for (const [i, terms] of b.entries())
    for (const [term, value] of Object.entries(terms)) {
      const relative = Math.abs(a[i]![term]! - value) / Math.max(Math.abs(value), 1e-3 * terms.loss!);
      if (!(relative <= worst.relative)) worst = { relative, term, step: i + 1 };
    }
  return worst;
}

/**
 * Norm of the difference over the norm of the second: of what is trained, or of the running statistics where that is more.
 * Apart, because the statistics of images of 0 to 255 are large.
 */
export function distance(a: Weights, b: Weights): number {
  const sums = { trained: [0, 0], running: [0, 0] };
  for (const [name, values] of b) {
    const others = a.get(name);
    if (others?.length !== values.length) throw new Error(`${name} is not in both`);
    const sum = sums[name.includes('running_') ? 'running' : 'trained'];
    for (const [i, value] of values.entries()) {
      sum[0]! += (others[i]! - value) ** 2;
      sum[1]! += value ** 2;
    }
  }
  return Math.max(...Object.values(sums).map(([apart, norm]) => Math.sqrt(apart! / norm!)));
}
