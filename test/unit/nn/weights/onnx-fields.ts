/** Reads protocol buffers back, by field number, as far as an ONNX file needs it. */
export interface Fields {
  numbers(field: number): number[];
  blobs(field: number): Uint8Array[];
  messages(field: number): Fields[];
}

export function fields(bytes: Uint8Array): Fields {
  const found: { field: number; value: number | Uint8Array }[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    if ((tag & 7) === 0) found.push({ field, value: Number(varint()) });
    else if ((tag & 7) === 5) {
      found.push({ field, value: view.getFloat32(at, true) });
      at += 4;
    } else {
      const length = Number(varint());
      found.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  const of = (field: number) => found.filter((f) => f.field === field).map((f) => f.value);
  const blobs = (field: number) => of(field).filter((v) => v instanceof Uint8Array);
  return {
    blobs,
    numbers: (field) => of(field).filter((v) => typeof v === 'number'),
    messages: (field) => blobs(field).map(fields),
  };
}

export function texts(message: Fields, field: number): string[] {
  return message.blobs(field).map((bytes) => new TextDecoder().decode(bytes));
}
