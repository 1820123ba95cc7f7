/** Scores of one evaluation, from one count matrix. IoU is null for classes that occur in neither labels nor predictions. */
export interface Scores {
  /** Mean IoU over all classes, absent ones counted as 0: CIRKD's convention, I / (U + 2.2e-16). */
  miou: number;
  /** Mean IoU over the classes that occur: mmsegmentation's convention. NaN if none does. */
  miouPresent: number;
  /** Correct over labelled pixels; NaN if no pixel is labelled. */
  pixelAccuracy: number;
  /** Mean over the classes that are labelled somewhere of the share of their pixels that is right; NaN without any. */
  meanAccuracy: number;
  iou: (number | null)[];
  /** Share of each class's pixels that is right; null for classes that are labelled nowhere. */
  accuracy: (number | null)[];
}

/**
 * Counts of (label, prediction) pairs, C x C, row = label. Pixels whose label is -1 (ignore) are not counted, as in CIRKD.
 * CIRKD's pixel accuracy is the argmax of truncated logits and therefore wrong; this one is the true one.
 */
export class ConfusionMatrix {
  readonly classes: number;
  /** Row-major, [label * classes + prediction]. */
  readonly counts: Float64Array;

  constructor(classes: number, counts?: ArrayLike<number>) {
    if (counts && counts.length !== classes * classes)
      throw new RangeError(`${classes} classes need ${classes * classes} counts, got ${counts.length}.`);
    this.classes = classes;
    this.counts = counts ? Float64Array.from(counts) : new Float64Array(classes * classes);
  }

  /** Adds the pixels of one or more images; both row-major and of equal length, classes 0..C-1, labels also -1. */
  add(predictions: ArrayLike<number>, labels: ArrayLike<number>): void {
    const { classes, counts } = this;
    if (predictions.length !== labels.length)
      throw new RangeError(`${predictions.length} predictions for ${labels.length} labels.`);
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i]!;
      if (label < 0) continue;
      const prediction = predictions[i]!;
      if (label >= classes || prediction < 0 || prediction >= classes)
        throw new RangeError(
          `Pixel ${i}: label ${label}, prediction ${prediction}; classes are 0..${classes - 1}.`,
        );
      counts[label * classes + prediction]! += 1;
    }
  }

  /** Intersection and union of each class. */
  overlaps(): { intersection: Float64Array; union: Float64Array } {
    const { classes, counts } = this;
    const intersection = new Float64Array(classes);
    const union = new Float64Array(classes);
    for (let label = 0; label < classes; label++)
      for (let prediction = 0; prediction < classes; prediction++) {
        const n = counts[label * classes + prediction]!;
        union[label]! += n;
        if (label === prediction) intersection[label] = n;
        else union[prediction]! += n;
      }
    return { intersection, union };
  }

  scores(): Scores {
    const { classes, counts } = this;
    const { intersection, union } = this.overlaps();
    const iou = Array.from(union, (u, c) => (u === 0 ? null : intersection[c]! / u));
    const present = iou.filter((v) => v !== null);
    const labelled = Array.from(union, (_, c) =>
      counts.subarray(c * classes, (c + 1) * classes).reduce((a, b) => a + b, 0),
    );
    const accuracy = labelled.map((n, c) => (n === 0 ? null : intersection[c]! / n));
    const reached = accuracy.filter((v) => v !== null);
    const sum = (values: Iterable<number>) => {
      let s = 0;
      for (const v of values) s += v;
      return s;
    };
    return {
      miou: sum(Array.from(union, (u, c) => intersection[c]! / (u + 2.2e-16))) / classes,
      miouPresent: sum(present) / present.length,
      pixelAccuracy: sum(intersection) / sum(counts),
      meanAccuracy: sum(reached) / reached.length,
      iou,
      accuracy,
    };
  }
}
