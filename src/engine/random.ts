/**
 * Named random streams with a state that can be saved: a resumed run draws what the uninterrupted one would have drawn.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state; seeded by hashing `seed` and the stream's name.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  /** Second value of the last Box-Muller pair; part of the state. */
  #spare: number | null;

  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#d] = state.words;
    this.#spare = state.spare;
  }

  static seeded(seed: number, name: string): RandomStream {
    let h = 0x811c9dc5 ^ seed;
    const words: [number, number, number, number] = [0, 0, 0, 1];
    for (let w = 0; w < 3; w++) {
      for (const ch of `${w}/${seed}/${name}`) h = Math.imul(h ^ (ch.codePointAt(0) ?? 0), 0x01000193);
      h ^= h >>> 15;
      h = Math.imul(h, 0x2c1b3c6d);
      h ^= h >>> 12;
      h = Math.imul(h, 0x297a2d39);
      h ^= h >>> 15;
      words[w] = h | 0;
    }
    const stream = new RandomStream({ words, spare: null });
    for (let i = 0; i < 12; i++) stream.#next();
    return stream;
  }

  #next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.#next() >>> 5) * 67108864 + (this.#next() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    if (this.#spare !== null) {
      const v = this.#spare;
      this.#spare = null;
      return v;
    }
    const r = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = r * Math.sin(angle);
    return r * Math.cos(angle);
  }

  /** Fills with independent normal values of the given standard deviation. */
  fillNormal(out: Float32Array, std = 1): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = std * this.normal();
    return out;
  }

  /** Each value 0 with probability `rate`, else 1 / (1 - rate): a mask of dropout. One draw of 32 bits each. */
  fillMask(out: Float32Array, rate: number): Float32Array {
    const limit = rate * 2 ** 32;
    const scale = 1 / (1 - rate);
    for (let i = 0; i < out.length; i++) out[i] = this.#next() < limit ? 0 : scale;
    return out;
  }

  /** A permutation of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const p = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const t = p[i]!;
      p[i] = p[j]!;
      p[j] = t;
    }
    return p;
  }

  state(): RandomState {
    return { words: [this.#a, this.#b, this.#c, this.#d], spare: this.#spare };
  }
}

export interface RandomState {
  words: [number, number, number, number];
  spare: number | null;
}

/** All random streams of a run, made on first use. */
export class RandomStreams {
  readonly #seed: number;
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Names in use: init/<role>, init/<method>, shuffle/<stage>, augment/<stage>, noise/<stage>, dropout/<role>,
   * memory/<stage>.
   */
  stream(name: string): RandomStream {
    let s = this.#streams.get(name);
    if (!s) {
      s = RandomStream.seeded(this.#seed, name);
      this.#streams.set(name, s);
    }
    return s;
  }

  state(): Record<string, RandomState> {
    return Object.fromEntries([...this.#streams].map(([name, s]) => [name, s.state()]));
  }

  restore(state: Record<string, RandomState>): void {
    this.#streams.clear();
    for (const [name, s] of Object.entries(state)) this.#streams.set(name, new RandomStream(s));
  }
}
