/**
 * Boundary F1 score (G. Csurka et al., "What is a good evaluation measure for semantic segmentation?", BMVC 2013): the share
 * of predicted boundary pixels of a class near a true one (precision) and of true ones near a predicted one (recall).
 * Per image and class that occurs in it, then the mean over images, then over classes.
 */
export class BoundaryScore {
  readonly #sum: Float64Array;
  readonly #images: Int32Array;
  readonly #tolerance: number;

  /** @param tolerance "near", as a share of the image's diagonal; 0.0075 in the paper */
  constructor(classes: number, tolerance = 0.0075) {
    this.#sum = new Float64Array(classes);
    this.#images = new Int32Array(classes);
    this.#tolerance = tolerance;
  }

  /** One image, both maps row-major; ignored pixels (label -1) belong to no class in either map. */
  add(prediction: ArrayLike<number>, label: ArrayLike<number>, height: number, width: number): void {
    const limit = this.#tolerance * Math.hypot(height, width);
    const seen = Int32Array.from(label, (id, i) => (id < 0 ? -1 : prediction[i]!));
    for (const c of new Set(Array.from(label as ArrayLike<number>).filter((id) => id >= 0))) {
      const truth = boundary(label, c, height, width);
      const found = boundary(seen, c, height, width);
      this.#images[c]! += 1;
      this.#sum[c]! += f1(near(found, truth, limit, height, width), near(truth, found, limit, height, width));
    }
  }

  /** Mean F1 of each class over the images it occurs in (null: in none), and their mean; NaN without any. */
  scores(): { perClass: (number | null)[]; mean: number } {
    const perClass = Array.from(this.#sum, (sum, c) => (this.#images[c] ? sum / this.#images[c]! : null));
    const present = perClass.filter((v) => v !== null);
    return { perClass, mean: present.reduce((a, b) => a + b, 0) / present.length };
  }
}

function f1(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** Pixels of a class with one of the four neighbours outside it; the image's edge is no boundary. */
function boundary(map: ArrayLike<number>, c: number, height: number, width: number): Uint8Array {
  const out = new Uint8Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (map[p] !== c) continue;
      const leaves =
        (x > 0 && map[p - 1] !== c) ||
        (x + 1 < width && map[p + 1] !== c) ||
        (y > 0 && map[p - width] !== c) ||
        (y + 1 < height && map[p + width] !== c);
      if (leaves) out[p] = 1;
    }
  return out;
}

/** Share of the pixels of `of` within `limit` of a pixel of `to`; 0 if `of` is empty. */
function near(of: Uint8Array, to: Uint8Array, limit: number, height: number, width: number): number {
  const distance = squaredDistance(to, height, width);
  let count = 0;
  let total = 0;
  for (let p = 0; p < of.length; p++) {
    if (of[p] === 0) continue;
    total++;
    if (distance[p]! <= limit * limit) count++;
  }
  return total === 0 ? 0 : count / total;
}

/**
 * Exact squared Euclidean distance to the nearest set pixel (P. Felzenszwalb, D. Huttenlocher, "Distance transforms of
 * sampled functions", 2012): lower envelopes of parabolas along columns, then rows.
 */
function squaredDistance(mask: Uint8Array, height: number, width: number): Float64Array {
  const far = 2 * (height + width) ** 2;
  const out = Float64Array.from(mask, (set) => (set ? 0 : far));
  const longest = Math.max(height, width);
  const line = new Float64Array(longest);
  const at = new Int32Array(longest);
  const from = new Float64Array(longest + 1);
  const along = (start: number, step: number, length: number) => {
    for (let i = 0; i < length; i++) line[i] = out[start + i * step]!;
    let k = 0;
    at[0] = 0;
    from[0] = Number.NEGATIVE_INFINITY;
    from[1] = Number.POSITIVE_INFINITY;
    for (let i = 1; i < length; i++) {
      const meet = (q: number) => (line[i]! + i * i - (line[q]! + q * q)) / (2 * (i - q));
      while (meet(at[k]!) <= from[k]!) k--;
      const s = meet(at[k]!);
      k++;
      at[k] = i;
      from[k] = s;
      from[k + 1] = Number.POSITIVE_INFINITY;
    }
    k = 0;
    for (let i = 0; i < length; i++) {
      while (from[k + 1]! < i) k++;
      out[start + i * step] = (i - at[k]!) ** 2 + line[at[k]!]!;
    }
  };
  for (let x = 0; x < width; x++) along(x, width, height);
  for (let y = 0; y < height; y++) along(y * width, 1, width);
  return out;
}
