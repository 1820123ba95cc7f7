import type { ByteSource } from '../byte-source';
import { DTYPE_BYTES, floatsOf } from '../dtype';
import { brokenWeights } from '../refusal';
import type { StoredTensor, WeightFile } from '../weight-file';
import { ByteReader } from './byte-reader';
import { type PickleValue, readPickle } from './pickle';
import { checkLength, chooseTable } from './table';
import { type StorageRef, type TensorRef, TensorWorld } from './tensor-world';
import { readZip, type ZipEntry } from './zip';

/** Configurations and histories lie in it as text, weights do not. */
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;

/** The legacy format begins with this number as a pickle, then its version. Source: PyTorch, torch/serialization.py. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/** Where a storage lies. Errors: checkpoint-broken. */
type Locate = (storage: StorageRef) => Place;
type Place = Pick<ZipEntry, 'begin' | 'length'>;

/**
 * Opens what `torch.save` writes since version 1.6: a zip archive with a pickle and one entry per storage.
 * @param key where in it the table of weights lies, if not at a usual place
 * Errors: checkpoint-broken. The source stays open until `close`.
 */
export function openZipCheckpoint(source: ByteSource, key?: string): WeightFile {
  const entries = readZip(source);
  const pickles = [...entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw brokenWeights(source.where, 'This zip archive is no checkpoint of PyTorch: it has no data.pkl.');
  const folder = pickles[0]!.slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`))
    throw brokenWeights(
      source.where,
      'This is a program of TorchScript, not a table of weights.',
      'Save its weights in Python: torch.save(torch.jit.load(path).state_dict(), other).',
    );
  for (const [name, { compressed }] of entries)
    if (compressed)
      throw brokenWeights(
        source.where,
        `Its entry "${name}" is compressed, which PyTorch never does; nothing is unpacked.`,
        'Load and save it again in Python: torch.save(torch.load(path), other).',
      );
  refuseBigEndian(source, entries.get(`${folder}byteorder`));
  const { begin, length } = entries.get(pickles[0]!)!;
  if (length > MAX_PICKLE_BYTES) throw tooLong(source, length);
  const root = readPickle(new ByteReader(source, begin, begin + length), new TensorWorld(source.where));
  const locate: Locate = ({ key: name, dtype, count }) => {
    const entry = entries.get(`${folder}data/${name}`);
    if (!entry) throw brokenWeights(source.where, `Its storage "${name}" is missing.`);
    if (entry.length !== count * DTYPE_BYTES[dtype])
      throw brokenWeights(
        source.where,
        `Its storage "${name}" has ${entry.length} bytes, ${count} numbers of type ${dtype} are announced.`,
      );
    return entry;
  };
  return weightFile(source, 'PyTorch', chooseTable(root, key, source.where), locate);
}

/**
 * Opens what `torch.save` wrote before version 1.6: four pickles (magic number, version, system, object), the list of
 * storages, and each storage with its length before it.
 * Errors: checkpoint-broken. The source stays open until `close`.
 */
export function openLegacyCheckpoint(source: ByteSource, key?: string): WeightFile {
  const world = new TensorWorld(source.where);
  const reader = new ByteReader(source, 0, Math.min(source.size, MAX_PICKLE_BYTES));
  const next = () => readPickle(reader, world);
  if (next() !== LEGACY_MAGIC || next() !== LEGACY_VERSION)
    throw brokenWeights(
      source.where,
      'This is a pickle, but not of PyTorch.',
      'Save the weights in Python: torch.save(model.state_dict(), path).',
    );
  refuseForeignSystem(source, next());
  const root = next();
  const keys = next();
  const places = legacyPlaces(source, keys, world.storages, reader.position);
  const locate: Locate = ({ key: name }) => {
    const place = places.get(name);
    if (!place) throw brokenWeights(source.where, `Its storage "${name}" is missing.`);
    return place;
  };
  return weightFile(source, 'PyTorch before 1.6', chooseTable(root, key, source.where), locate);
}

function legacyPlaces(
  source: ByteSource,
  keys: PickleValue,
  storages: ReadonlyMap<string, StorageRef>,
  begin: number,
): Map<string, Place> {
  if (!Array.isArray(keys)) throw brokenWeights(source.where, 'Its list of storages is no list.');
  const places = new Map<string, Place>();
  let at = begin;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage || places.has(storage.key))
      throw brokenWeights(
        source.where,
        `Its list of storages has "${String(key)}", which is not announced or there twice.`,
      );
    const bytes = source.read(at, 8);
    const count = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
    if (count !== BigInt(storage.count))
      throw brokenWeights(
        source.where,
        `Its storage "${storage.key}" has ${count} numbers, ${storage.count} are announced.`,
      );
    const length = storage.count * DTYPE_BYTES[storage.dtype];
    if (at + 8 + length > source.size)
      throw brokenWeights(
        source.where,
        `Its storage "${storage.key}" needs ${length} bytes, ${source.size - at - 8} are left; the file may be cut off.`,
      );
    places.set(storage.key, { begin: at + 8, length });
    at += 8 + length;
  }
  return places;
}

function weightFile(
  source: ByteSource,
  format: string,
  table: ReturnType<typeof chooseTable>,
  locate: Locate,
): WeightFile {
  checkLength(table.tensors.size, source.where);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, ref] of table.tensors)
    tensors.set(name, storedTensor(source, name, ref, locate(ref.storage)));
  return {
    where: source.where,
    format,
    layout: 'torch',
    table: table.path,
    tensors,
    metadata: {},
    close: () => source.close(),
  };
}

/** Checks a view against its storage, whose place has been checked against the file. */
function storedTensor(source: ByteSource, name: string, ref: TensorRef, place: Place): StoredTensor {
  const { storage, offset, shape, strides } = ref;
  const count = shape.reduce((a, b) => a * b, 1);
  const fits = [offset, ...shape, ...strides].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!fits || shape.length !== strides.length || shape.length > 8)
    throw brokenWeights(
      source.where,
      `Tensor "${name}" has the shape [${shape}], strides [${strides}] and offset ${offset}.`,
    );
  // Beyond its last number; a view with strides of 0 could be larger than its storage without ever leaving it.
  const end = count === 0 ? offset : offset + 1 + shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 0);
  if (end > storage.count || count > storage.count)
    throw brokenWeights(
      source.where,
      `Tensor "${name}" of shape [${shape}] reaches to number ${Math.max(end, count)} of a storage of ${storage.count}.`,
    );
  const bytes = DTYPE_BYTES[storage.dtype];
  return {
    dtype: storage.dtype,
    shape,
    read() {
      const span = floatsOf(storage.dtype, source.read(place.begin + offset * bytes, (end - offset) * bytes));
      return isContiguous(shape, strides) ? span.subarray(0, count) : gather(span, shape, strides, count);
    },
  };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

/** Row-major values of a strided view. */
function gather(
  span: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Float32Array {
  const out = new Float32Array(count);
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    out[i] = span[from]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= shape[d]! * strides[d]!;
      index[d] = 0;
    }
  }
  return out;
}

function refuseBigEndian(source: ByteSource, entry: ZipEntry | undefined): void {
  if (!entry) return;
  const order = entry.length === 6 ? new TextDecoder().decode(source.read(entry.begin, 6)) : '';
  if (order === 'little') return;
  throw brokenWeights(
    source.where,
    'Its numbers are not in little-endian order.',
    'Save it again on a machine that is little-endian.',
  );
}

function refuseForeignSystem(source: ByteSource, system: PickleValue): void {
  const little = system instanceof Map ? system.get('little_endian') : undefined;
  if (little === true) return;
  throw brokenWeights(
    source.where,
    'It does not say that its numbers are in little-endian order.',
    'Save it again on a machine that is.',
  );
}

function tooLong(source: ByteSource, length: number): Error {
  return brokenWeights(
    source.where,
    `Its pickle has ${length} bytes; ${MAX_PICKLE_BYTES} are the limit.`,
    'Save the weights alone in Python: torch.save(model.state_dict(), path).',
  );
}
