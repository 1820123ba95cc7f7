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
    const classes = this.#sum.length;
    const present = new Uint8Array(classes);
    const seen = new Int32Array(prediction);
    for (let p = 0; p < seen.length; p++)
      if (label[p]! < 0) seen[p] = -1;
      else present[label[p]!] = 1;
    const truth = new Boundaries(new Int32Array(label), height, width, classes);
    const found = new Boundaries(seen, height, width, classes);
    const reach = reaches(this.#tolerance * Math.hypot(height, width));
    for (let c = 0; c < classes; c++) {
      if (!present[c]) continue;
      this.#images[c]! += 1;
      this.#sum[c]! += f1(found.near(truth, c, reach), truth.near(found, c, reach));
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

/** How many columns a pixel within `limit` may be off, by how many rows it is off. */
function reaches(limit: number): number[] {
  const out: number[] = [];
  for (let dy = 0; dy <= limit; dy++) {
    let dx = 0;
    while ((dx + 1) ** 2 + dy ** 2 <= limit * limit) dx++;
    out.push(dx);
  }
  return out;
}

/**
 * Boundary pixels of every class: those with one of the four neighbours outside the class; the image's edge is no
 * boundary. There are few of them, so they are kept as columns by class and row instead of as maps.
 */
class Boundaries {
  readonly #height: number;
  /** Columns in ascending order; row y of class c begins at `#rows[c * (height + 1) + y]`. */
  readonly #columns: Int32Array;
  readonly #rows: Int32Array;

  constructor(map: Int32Array, height: number, width: number, classes: number) {
    this.#height = height;
    const at = boundaryPixels(map, height, width);
    const rows = new Int32Array(classes * (height + 1));
    for (const p of at) rows[map[p]! * (height + 1) + Math.floor(p / width) + 1]! += 1;
    let total = 0;
    for (let c = 0; c < classes; c++)
      for (let i = c * (height + 1); i < (c + 1) * (height + 1); i++) {
        total += rows[i]!;
        rows[i] = total;
      }
    const next = rows.slice();
    const columns = new Int32Array(at.length);
    for (const p of at) {
      const y = Math.floor(p / width);
      columns[next[map[p]! * (height + 1) + y]!++] = p - y * width;
    }
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Share of the pixels of a class within reach of one of `to`; 0 if there is none. */
  near(to: Boundaries, c: number, reach: readonly number[]): number {
    const first = c * (this.#height + 1);
    const total = this.#rows[first + this.#height]! - this.#rows[first]!;
    let lonely = 0;
    for (let y = 0; y < this.#height; y++) {
      const row = this.#columns.subarray(this.#rows[first + y], this.#rows[first + y + 1]);
      if (row.length > 0) lonely += to.#lonely(row, c, y, reach);
    }
    return total === 0 ? 0 : (total - lonely) / total;
  }

  /** How many of these columns of row y have no pixel of the class within reach. */
  #lonely(columns: Int32Array, c: number, y: number, reach: readonly number[]): number {
    const left = columns.slice();
    let count = left.length;
    for (let dy = 0; dy < reach.length && count > 0; dy++) {
      count = this.#without(left, count, c, y - dy, reach[dy]!);
      if (dy > 0) count = this.#without(left, count, c, y + dy, reach[dy]!);
    }
    return count;
  }

  /** Takes from the first `count` columns, in order, those that row y has a pixel of the class near. */
  #without(left: Int32Array, count: number, c: number, y: number, reach: number): number {
    if (y < 0 || y >= this.#height) return count;
    const row = c * (this.#height + 1) + y;
    const end = this.#rows[row + 1]!;
    let i = this.#rows[row]!;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const x = left[k]!;
      while (i < end && this.#columns[i]! < x - reach) i++;
      if (i === end || this.#columns[i]! > x + reach) left[kept++] = x;
    }
    return kept;
  }
}

/** Positions in ascending order. */
function boundaryPixels(map: Int32Array, height: number, width: number): Int32Array {
  const out = new Int32Array(map.length);
  let count = 0;
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p++) {
      const c = map[p]!;
      if (c < 0) continue;
      const leaves =
        (x > 0 && map[p - 1] !== c) ||
        (x + 1 < width && map[p + 1] !== c) ||
        (y > 0 && map[p - width] !== c) ||
        (y + 1 < height && map[p + width] !== c);
      if (leaves) out[count++] = p;
    }
  return out.subarray(0, count);
}
