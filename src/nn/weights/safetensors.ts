import { DistillError } from '../../protocol/errors';
import { type ByteSource, bytesInMemory } from './byte-source';
import { DTYPE_BYTES, type Dtype, floatsOf, isFloating } from './dtype';
import { brokenWeights } from './refusal';
import { MAX_TENSORS, type StoredTensor, type WeightFile } from './weight-file';

/**
 * The safetensors file format: an 8-byte little-endian header length, a JSON header that names every tensor with its
 * type, shape and byte range, then the bytes. Source: the format section of the safetensors documentation.
 */
export interface SafeTensor {
  dtype: Dtype;
  shape: readonly number[];
  /** Little-endian, row-major; a view into the file. */
  bytes: Uint8Array;
}

export interface SafeTensors {
  tensors: Map<string, SafeTensor>;
  metadata: Record<string, string>;
}

/** Several times what the largest tables need; the reference implementation stops at 100 MB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

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
  for (const [name, { dtype, shape }] of tensors) {
    const end = offset + shape.reduce((a, b) => a * b, DTYPE_BYTES[dtype]);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  // Spaces up to a multiple of 8 keep the data aligned for readers that map the file.
  const json = Buffer.from(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.set(json, 8);
  let at = 8 + headerLength;
  for (const tensor of tensors.values()) {
    // Asked for once: it may be read from a file at this moment.
    const { bytes } = tensor;
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** What a header says of a tensor; its bytes lie at `begin` to `end` of the file. */
interface Entry {
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads a file that is in memory.
 * @param where file name for error messages
 * @throws DistillError `checkpoint-broken`
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): SafeTensors {
  const { entries, metadata } = readTable(bytesInMemory(bytes, where));
  const tensors = new Map<string, SafeTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries)
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(begin, end) });
  return { tensors, metadata };
}

/** Opens a file whose tensors are read when they are asked for. Errors: checkpoint-broken. */
export function openSafetensors(source: ByteSource): WeightFile {
  const { entries, metadata } = readTable(source);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries)
    tensors.set(name, { dtype, shape, read: () => floatsOf(dtype, source.read(begin, end - begin)) });
  const { where } = source;
  const close = () => source.close();
  return { where, format: 'safetensors', layout: 'torch', table: '', tensors, metadata, close };
}

/** Values of a tensor of any floating-point type as float32, in new memory. */
export function toFloat32(name: string, { dtype, bytes }: SafeTensor, where: string): Float32Array {
  if (isFloating(dtype)) return floatsOf(dtype, bytes);
  throw new DistillError('checkpoint-mismatch', `Tensor "${name}" has type ${dtype}.`, {
    where,
    remedy: 'Weights must be floating-point numbers: F32, F64, F16 or BF16. Save them as one of these.',
  });
}

/** The header of a file. Nothing in it is trusted: every size is checked against the bytes that are there before it is used. */
function readTable(source: ByteSource): { entries: Map<string, Entry>; metadata: Record<string, string> } {
  const { where } = source;
  const header = readHeader(source);
  const dataBegin = 8 + header.length;
  const dataLength = source.size - dataBegin;
  const entries = new Map<string, Entry>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  const named = Object.entries(header.json);
  if (named.length > MAX_TENSORS)
    throw broken(where, `it announces ${named.length} tensors; ${MAX_TENSORS} are the limit.`);
  for (const [name, entry] of named) {
    if (name === '__metadata__') continue;
    const { dtype, shape, begin, end } = readEntry(name, entry, dataLength, where);
    ranges.push({ name, begin, end });
    entries.set(name, { dtype, shape, begin: dataBegin + begin, end: dataBegin + end });
  }
  checkRanges(ranges, dataLength, where);
  return { entries, metadata: readMetadata(header.json.__metadata__, where) };
}

function broken(where: string, what: string): DistillError {
  return brokenWeights(where, `This is not a whole safetensors file: ${what}`);
}

function readHeader(source: ByteSource): { json: Record<string, unknown>; length: number } {
  const { where, size } = source;
  if (size < 8) throw broken(where, `it has ${size} bytes, the header alone needs 8.`);
  const first = source.read(0, 8);
  const declared = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (declared > BigInt(size - 8))
    throw broken(where, `it announces a header of ${declared} bytes, but ${size - 8} follow.`);
  if (declared > BigInt(MAX_HEADER_BYTES))
    throw broken(where, `it announces a header of ${declared} bytes; ${MAX_HEADER_BYTES} are the limit.`);
  const length = Number(declared);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(source.read(8, length)));
  } catch (error) {
    throw broken(where, `its header is not JSON (${(error as Error).message}).`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw broken(where, 'its header is not a JSON object.');
  return { json: json as Record<string, unknown>, length };
}

function readEntry(name: string, entry: unknown, dataLength: number, where: string): Entry {
  const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype))
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
  const expected = shape.reduce((a, b) => a * b, DTYPE_BYTES[dtype as Dtype]);
  if (expected !== end - begin)
    throw broken(
      where,
      `tensor "${name}" of shape [${shape}] and type ${dtype} needs ${expected} bytes and has ${end - begin}.`,
    );
  return { dtype: dtype as Dtype, shape, begin, end };
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
