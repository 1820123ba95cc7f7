import type { RandomStream } from '../engine/random';
import type { StoredArray } from './method';

/**
 * What a method remembers of the batches before: for each class a ring of vectors of length 1. Plain arrays, not tensors:
 * of the published size they are half a gigabyte, and a step looks at a thousandth of that.
 */
export class MemoryQueues {
  readonly #classes: number;
  readonly #size: number;
  readonly #dimensions: number;
  /** [classes, size, dimensions] */
  readonly #vectors: Float32Array;
  /** Where each class goes on. */
  readonly #next: Int32Array;

  constructor(classes: number, size: number, dimensions: number) {
    this.#classes = classes;
    this.#size = size;
    this.#dimensions = dimensions;
    this.#vectors = new Float32Array(classes * size * dimensions);
    this.#next = new Int32Array(classes);
  }

  /** Random directions, as CIRKD begins. */
  fill(random: RandomStream): void {
    const d = this.#dimensions;
    random.fillNormal(this.#vectors);
    for (let at = 0; at < this.#vectors.length; at += d) {
      let sum = 0;
      for (let i = at; i < at + d; i++) sum += this.#vectors[i]! ** 2;
      const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
      for (let i = at; i < at + d; i++) this.#vectors[i]! *= scale;
    }
  }

  /**
   * Remembers the rows [from, to) of `vectors`. Where they would reach the end of the ring they take its last places, and
   * it begins anew. Source: CIRKD, losses/cirkd_memory.py, _dequeue_and_enqueue.
   */
  remember(id: number, vectors: Float32Array, from: number, to: number): void {
    const count = Math.min(to - from, this.#size);
    if (count <= 0) return;
    const d = this.#dimensions;
    const end = this.#next[id]! + count >= this.#size;
    const place = end ? this.#size - count : this.#next[id]!;
    const target = (id * this.#size + place) * d;
    this.#vectors.set(vectors.subarray(from * d, (from + count) * d), target);
    this.#next[id] = end ? 0 : place + count;
  }

  /** The same places of every class, class by class: [classes * places, dimensions]. */
  at(places: ArrayLike<number>): Float32Array {
    const d = this.#dimensions;
    const out = new Float32Array(this.#classes * places.length * d);
    let to = 0;
    for (let id = 0; id < this.#classes; id++)
      for (let i = 0; i < places.length; i++, to += d) {
        const from = (id * this.#size + places[i]!) * d;
        out.set(this.#vectors.subarray(from, from + d), to);
      }
    return out;
  }

  /** Some places of the ring, all different, in random order. */
  places(count: number, random: RandomStream): Int32Array {
    return random.permutation(this.#size).subarray(0, Math.min(count, this.#size));
  }

  /** For checkpoints. */
  get stored(): StoredArray {
    return {
      shape: [this.#classes, this.#size, this.#dimensions],
      read: () => this.#vectors,
      write: (values) => this.#vectors.set(values),
    };
  }

  get positions(): number[] {
    return [...this.#next];
  }

  set positions(next: readonly number[]) {
    this.#next.set(next);
  }
}
