import type { ByteSource } from '../byte-source';
import { brokenWeights } from '../refusal';

const CHUNK = 64 * 1024;

/** Reads a part of a source from front to back, in chunks. */
export class ByteReader {
  readonly where: string;
  readonly #source: ByteSource;
  readonly #end: number;
  #at: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkAt = 0;

  constructor(source: ByteSource, begin: number, end: number) {
    this.where = source.where;
    this.#source = source;
    this.#at = begin;
    this.#end = end;
  }

  /** Position in the source of the next byte. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    return this.bytes(1)[0]!;
  }

  /** A view that is valid as long as nobody writes to it. Errors: checkpoint-broken where fewer are left. */
  bytes(length: number): Uint8Array {
    if (length > this.#end - this.#at)
      throw brokenWeights(
        this.where,
        `The file ends early: ${length} bytes are due at byte ${this.#at}, ${this.#end - this.#at} are there.`,
      );
    const from = this.#at - this.#chunkAt;
    if (from + length > this.#chunk.length) {
      this.#chunkAt = this.#at;
      const size = Math.min(Math.max(length, CHUNK), this.#end - this.#at);
      this.#chunk = this.#source.read(this.#at, size);
    }
    const start = this.#at - this.#chunkAt;
    this.#at += length;
    return this.#chunk.subarray(start, start + length);
  }

  view(length: number): DataView {
    const bytes = this.bytes(length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Up to a line feed, which is consumed and left out. */
  line(limit: number): string {
    const codes: number[] = [];
    for (let code = this.byte(); code !== 0x0a; code = this.byte()) {
      if (codes.length >= limit)
        throw brokenWeights(this.where, `A line of the pickle is longer than ${limit} bytes.`);
      codes.push(code);
    }
    return Buffer.from(codes).toString('utf8');
  }
}
