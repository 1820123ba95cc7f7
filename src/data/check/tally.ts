import type { SplitStatistics } from '../../protocol/dataset-report';
import type { LabelTable } from '../datasets/layout';
import { type PairRecord, valuesOf } from './record';

/** Adds up what was found in the samples of a split. */
export class Tally {
  readonly #labels: LabelTable;
  readonly #classes: { pixels: number; samples: number }[];
  readonly #sum = [0, 0, 0];
  readonly #squares = [0, 0, 0];
  #samples = 0;
  #labelled = 0;
  #ignored = 0;
  #imagePixels = 0;
  #smallest: [number, number] | null = null;
  #largest: [number, number] | null = null;

  constructor(classes: number, labels: LabelTable) {
    this.#labels = labels;
    this.#classes = Array.from({ length: classes }, () => ({ pixels: 0, samples: 0 }));
  }

  /** A sample whose image and label map were decoded; others are passed over. */
  add({ picture, map }: PairRecord): void {
    if (!picture || !map) return;
    this.#samples++;
    this.#addPicture(picture);
    const met = new Set<number>();
    for (const { value, count } of valuesOf(map)) {
      const id = this.#labels.ids[value];
      if (id === -1) this.#ignored += count;
      else if (id !== undefined && id >= 0) {
        this.#labelled += count;
        this.#classes[id]!.pixels += count;
        met.add(id);
      }
    }
    for (const id of met) this.#classes[id]!.samples++;
  }

  #addPicture({ width, height, sum, squares }: NonNullable<PairRecord['picture']>): void {
    this.#imagePixels += width * height;
    for (let c = 0; c < 3; c++) {
      this.#sum[c]! += sum[c]!;
      this.#squares[c]! += squares[c]!;
    }
    const area = (size: [number, number] | null) => (size ? size[0] * size[1] : undefined);
    if (width * height < (area(this.#smallest) ?? Number.POSITIVE_INFINITY)) this.#smallest = [width, height];
    if (width * height > (area(this.#largest) ?? 0)) this.#largest = [width, height];
  }

  result(): SplitStatistics {
    const n = this.#imagePixels;
    const mean = this.#sum.map((sum) => sum / n);
    const std = this.#squares.map((square, c) => Math.sqrt(Math.max(0, square / n - mean[c]! ** 2)));
    return {
      samples: this.#samples,
      pixels: this.#labelled + this.#ignored,
      ignored: this.#ignored,
      mean: n > 0 ? (mean as [number, number, number]) : null,
      std: n > 0 ? (std as [number, number, number]) : null,
      classes: this.#classes.map((c) => ({ ...c })),
      smallest: this.#smallest,
      largest: this.#largest,
    };
  }
}
