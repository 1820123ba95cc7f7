import type { RandomStream } from '../../engine/random';

/**
 * LAD's label channel: what the teacher sees of the ground truth, as values of its fourth input channel,
 * l(p) = scale * (code[id(p)] + noise(p)), with id = label, and id = `classes` for ignored pixels, which thus have a
 * value of their own. Source: LAD, train_baseline.py of the released code, as a lookup table.
 *
 * Plain arrays, not tensors: the noise is drawn here anyway, and labels never need a gradient.
 */
export interface LabelChannelOptions {
  /** Class count C; labels are -1 (ignore) or 0..C-1. */
  classes: number;
  /** C + 1 values, the last for ignored pixels; one table per image of the batch, or one for all. */
  codes: readonly ArrayLike<number>[];
  /** Noise per pixel before scaling, as long as the labels. */
  noise: ArrayLike<number>;
  /** Brings the channel to the range of the image; 100 for a mean-subtracted 0-255 image. */
  scale: number;
  /** `own-id` (default): ignored pixels are like one more class, with noise. `zero`: they are 0. */
  ignore?: 'own-id' | 'zero';
}

/**
 * @param labels [N,H,W] row-major, -1 = ignore
 * @param images N
 * @returns [N,H,W,1] row-major
 */
export function ladLabelChannel(
  labels: ArrayLike<number>,
  images: number,
  options: LabelChannelOptions,
): Float32Array {
  const { classes, codes, noise, scale, ignore = 'own-id' } = options;
  const pixels = labels.length / images;
  const out = new Float32Array(labels.length);
  for (let n = 0; n < images; n++) {
    const table = codes[codes.length === 1 ? 0 : n];
    if (!table || table.length !== classes + 1)
      throw new RangeError(
        `Image ${n} needs a table of ${classes + 1} codes (classes and ignore), got ${table?.length ?? 'none'}.`,
      );
    for (let i = n * pixels; i < (n + 1) * pixels; i++) {
      const label = labels[i]!;
      if (label < 0 && ignore === 'zero') continue;
      out[i] = scale * (table[label < 0 ? classes : label]! + noise[i]!);
    }
  }
  return out;
}

/** A fresh table of codes, N(0, std^2) per class and for ignore: one per image, path and step in teacher training. */
export function randomClassCodes(random: RandomStream, classes: number, std: number): Float32Array {
  return random.fillNormal(new Float32Array(classes + 1), std);
}

/**
 * The fixed table the teacher sees while it teaches: code k = (k - (C + 1) / 2) / 10, k = 0..C. The released code has
 * (k - 11) / 10 for the 21 classes of VOC; the rule for other class counts is the one this implies.
 */
export function fixedClassCodes(classes: number): Float64Array {
  return Float64Array.from({ length: classes + 1 }, (_, k) => (k - (classes + 1) / 2) / 10);
}
