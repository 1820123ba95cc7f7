/** Numbers that are only ever appended or cut off at the end; NaN where there is none. */
export class Column {
  #data: Float64Array;
  #length = 0;

  constructor(filled = 0) {
    this.#data = new Float64Array(Math.max(1024, filled)).fill(Number.NaN);
    this.#length = filled;
  }

  get length(): number {
    return this.#length;
  }

  /** A view that is valid until the next change. */
  get values(): Float64Array {
    return this.#data.subarray(0, this.#length);
  }

  at(index: number): number {
    return index < this.#length ? this.#data[index]! : Number.NaN;
  }

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const wider = new Float64Array(this.#data.length * 2);
      wider.set(this.#data);
      this.#data = wider;
    }
    this.#data[this.#length++] = value;
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}
