import { DistillError } from '../../protocol/errors';

/**
 * The safetensors file format: an 8-byte little-endian header length, a JSON header that names every tensor with its
 * type, shape and byte range, then the bytes. Source: the format section of the safetensors documentation.
 */
export type SafeDtype = keyof typeof BYTES;
const BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export interface SafeTensor {
  dtype: SafeDtype;
  shape: readonly number[];
  /** Little-endian, row-major; a view into the file. */
  bytes: Uint8Array;
}

export interface SafeTensors {
  tensors: Map<string, SafeTensor>;
  metadata: Record<string, string>;
}

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/** A float32 tensor to be written. */
export function float32Tensor(shape: readonly number[], values: Float32Array): SafeTensor {
  const expected = shape.reduce((a, b) => a * b, 1);
  if (values.length !== expected)
    throw new RangeError(`Shape [${shape}] needs ${expected} values, got ${values.length}.`);
  return {
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** The file as bytes; tensors in the order of the map, metadata under `__metadata__`. */
export function encodeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  // Spaces up to a multiple of 8 keep the data aligned for readers that map the file.
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.set(json, 8);
  let at = 8 + headerLength;
  for (const { bytes } of tensors.values()) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/**
 * Reads a file; nothing in it is trusted: every size is checked against the bytes that are there before it is used.
 * @param where file name for error messages
 * @throws DistillError `checkpoint-broken`
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): SafeTensors {
  const header = readHeader(bytes, where);
  const data = bytes.subarray(8 + header.length);
  const tensors = new Map<string, SafeTensor>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header.json)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, begin, end } = readEntry(name, entry, data.length, where);
    ranges.push({ name, begin, end });
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  checkRanges(ranges, data.length, where);
  return { tensors, metadata: readMetadata(header.json.__metadata__, where) };
}

/** Values of a tensor of any floating-point type as float32, in new memory. */
export function toFloat32(name: string, tensor: SafeTensor, where: string): Float32Array {
  const { dtype, bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const n = bytes.length / BYTES[dtype];
  const read = (value: (i: number) => number) => Float32Array.from({ length: n }, (_, i) => value(i));
  switch (dtype) {
    case 'F32':
      // Not bytes.slice(): of a Buffer, which is what files are read into, that is a view.
      return new Float32Array(new Uint8Array(bytes).buffer);
    case 'F64':
      return read((i) => view.getFloat64(8 * i, true));
    case 'F16':
      return read((i) => halfToNumber(view.getUint16(2 * i, true)));
    case 'BF16': {
      const bits = Uint32Array.from({ length: n }, (_, i) => view.getUint16(2 * i, true) << 16);
      return new Float32Array(bits.buffer);
    }
    default:
      throw new DistillError('checkpoint-mismatch', `Tensor "${name}" has type ${dtype}.`, {
        where,
        remedy: 'Weights must be floating-point numbers: F32, F64, F16 or BF16. Save them as one of these.',
      });
  }
}

function broken(where: string, what: string): DistillError {
  return new DistillError('checkpoint-broken', `This is not a whole safetensors file: ${what}`, {
    where,
    remedy: 'Use another checkpoint, or copy the file again from where it came.',
  });
}

function readHeader(bytes: Uint8Array, where: string): { json: Record<string, unknown>; length: number } {
  if (bytes.length < 8) throw broken(where, `it has ${bytes.length} bytes, the header alone needs 8.`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES) || declared > BigInt(bytes.length - 8))
    throw broken(where, `it announces a header of ${declared} bytes, but ${bytes.length - 8} follow.`);
  const length = Number(declared);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw broken(where, `its header is not JSON (${(error as Error).message}).`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw broken(where, 'its header is not a JSON object.');
  return { json: json as Record<string, unknown>, length };
}

function readEntry(
  name: string,
  entry: unknown,
  dataLength: number,
  where: string,
): { dtype: SafeDtype; shape: number[]; begin: number; end: number } {
  const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype))
    throw broken(where, `tensor "${name}" has the unknown type ${JSON.stringify(dtype)}.`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw broken(where, `tensor "${name}" has the shape ${JSON.stringify(shape)}.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw broken(where, `tensor "${name}" lies at ${JSON.stringify(offsets)}.`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataLength)
    throw broken(
      where,
      `tensor "${name}" lies at bytes ${begin} to ${end} of ${dataLength}; the file may be cut off.`,
    );
  const expected = shape.reduce((a, b) => a * b, BYTES[dtype as SafeDtype]);
  if (expected !== end - begin)
    throw broken(
      where,
      `tensor "${name}" of shape [${shape}] and type ${dtype} needs ${expected} bytes and has ${end - begin}.`,
    );
  return { dtype: dtype as SafeDtype, shape, begin, end };
}

/** The format asks for ranges without overlap that leave no byte out. */
function checkRanges(
  ranges: { name: string; begin: number; end: number }[],
  dataLength: number,
  where: string,
): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of ranges) {
    if (begin !== at)
      throw broken(
        where,
        `tensor "${name}" begins at byte ${begin} where ${at} was due: ranges overlap or leave holes.`,
      );
    at = end;
  }
  if (at !== dataLength) throw broken(where, `${dataLength - at} bytes at its end belong to no tensor.`);
}

function readMetadata(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {};
  const isText = (v: unknown) => typeof v === 'string';
  if (typeof value !== 'object' || value === null || !Object.values(value).every(isText))
    throw broken(where, 'its metadata is not a table of texts.');
  return { ...(value as Record<string, string>) };
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
