/**
 * Expected calibration error (C. Guo et al., "On calibration of modern neural networks", ICML 2017, Eq. 3): pixels sorted
 * into bins of equal width by confidence, the probability of the predicted class; the mean gap between confidence and
 * accuracy, weighted by the bins' sizes.
 */
export class CalibrationError {
  readonly #count: Float64Array;
  readonly #confidence: Float64Array;
  readonly #correct: Float64Array;

  /** @param bins 15 in the paper */
  constructor(bins = 15) {
    this.#count = new Float64Array(bins);
    this.#confidence = new Float64Array(bins);
    this.#correct = new Float64Array(bins);
  }

  /** Row-major maps of equal length; pixels with label -1 are not counted. `confidence` in (0, 1]. */
  add(prediction: ArrayLike<number>, confidence: ArrayLike<number>, label: ArrayLike<number>): void {
    const bins = this.#count.length;
    for (let p = 0; p < label.length; p++) {
      if (label[p]! < 0) continue;
      // Bin m holds ((m - 1) / M, m / M].
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[p]! * bins) - 1));
      this.#count[bin]! += 1;
      this.#confidence[bin]! += confidence[p]!;
      if (prediction[p] === label[p]) this.#correct[bin]! += 1;
    }
  }

  /** NaN if no pixel was counted. `bins`: size, mean confidence and accuracy of each, for a reliability diagram. */
  scores(): { error: number; bins: { count: number; confidence: number; accuracy: number }[] } {
    const bins = Array.from(this.#count, (count, i) => ({
      count,
      confidence: count ? this.#confidence[i]! / count : 0,
      accuracy: count ? this.#correct[i]! / count : 0,
    }));
    const total = bins.reduce((sum, b) => sum + b.count, 0);
    const gap = bins.reduce((sum, b) => sum + b.count * Math.abs(b.accuracy - b.confidence), 0);
    return { error: gap / total, bins };
  }
}
