/**
 * The part of the protocol buffer wire format that an ONNX file needs: fields are written one after the other, each as its
 * number and type, then its value. Source: the encoding guide of Protocol Buffers.
 */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** int32, int64 and enums; negative numbers take ten bytes. */
  integer(field: number, value: number | bigint): this {
    this.#put(varint(BigInt(field) << 3n));
    return this.#put(varint(BigInt.asUintN(64, BigInt(value))));
  }

  /** float. */
  float(field: number, value: number): this {
    this.#put(varint((BigInt(field) << 3n) | 5n));
    return this.#put(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#header(field, value.length);
    return this.#put(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    this.#header(field, value.length);
    for (const part of value.#parts) this.#put(part);
    return this;
  }

  encode(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #header(field: number, length: number): void {
    this.#put(varint((BigInt(field) << 3n) | 2n));
    this.#put(varint(BigInt(length)));
  }

  #put(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

/** Seven bits per byte, the lowest first; the highest bit says that more follow. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
