import type { Dtype } from '../dtype';
import { brokenWeights } from '../refusal';
import type { PickleObject, PickleValue, PickleWorld } from './pickle';

/** A block of numbers outside of the pickle. */
export interface StorageRef extends PickleObject {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: Dtype;
  /** Numbers in it. */
  readonly count: number;
}

/** A view of a storage, as `torch._utils._rebuild_tensor_v2` is told of it. Nothing about it has been checked. */
export interface TensorRef extends PickleObject {
  readonly kind: 'tensor';
  readonly storage: StorageRef;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Something that may lie beside the weights and says nothing about them; it is not made, only passed over. */
interface Inert extends PickleObject {
  readonly kind: 'inert';
}

interface Name extends PickleObject {
  readonly kind: 'name';
  readonly name: string;
}

interface StorageType extends PickleObject {
  readonly kind: 'storage-type';
  readonly dtype: Dtype;
}

const STORAGE_TYPES: Record<string, Dtype> = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

const CALLS: Record<string, (args: PickleValue[]) => PickleValue | undefined> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor': tensor,
  'torch._utils._rebuild_tensor_v2': tensor,
  'torch._utils._rebuild_parameter': ([data]) => data,
};

/**
 * What training programs keep beside the weights as a matter of course: scores that are scalars of NumPy, the parsed
 * command line, and small values of PyTorch.
 */
const INERT = new Set([
  'torch.Size',
  'torch.device',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  '_codecs.encode',
  'argparse.Namespace',
]);
/** `torch.float32` and its like: the names of types are values themselves. */
const TYPE_NAME = /^torch\.(float|bfloat|int|uint|complex)\d+$|^torch\.(bool|qint8|quint8)$/;

const inert: Inert = { kind: 'inert' };

/** The few names a table of tensors needs, as harmless values; every other name is refused. */
export class TensorWorld implements PickleWorld {
  /** Every storage that was referred to, by its key. */
  readonly storages = new Map<string, StorageRef>();
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  global(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    if ((module === 'torch' || module === 'torch.cuda') && Object.hasOwn(STORAGE_TYPES, name))
      return { kind: 'storage-type', dtype: STORAGE_TYPES[name] } as StorageType;
    if (Object.hasOwn(CALLS, full)) return { kind: 'name', name: full } as Name;
    if (INERT.has(full) || TYPE_NAME.test(full)) return inert;
    throw brokenWeights(
      this.#where,
      `Its pickle asks for ${JSON.stringify(full)}, which a table of weights does not need; pickles are read, never executed, and nothing of it was.`,
      'If you trust the file, save its weights alone in Python: torch.save(model.state_dict(), path).',
    );
  }

  call(callable: PickleValue, args: PickleValue[]): PickleValue {
    if (isKind<Inert>(callable, 'inert')) return inert;
    if (!isKind<Name>(callable, 'name')) throw this.#broken('calls what is no function');
    const made = CALLS[callable.name]!(args);
    if (made === undefined) throw this.#broken(`calls ${callable.name} with arguments that do not fit`);
    return made;
  }

  build(object: PickleValue): void {
    // Attributes of a table (`_metadata`) or of what is passed over; a tensor with attributes is another name.
    if (object instanceof Map || isKind<Inert>(object, 'inert')) return;
    throw this.#broken('sets the state of what has none');
  }

  persistent(id: PickleValue): PickleValue {
    if (!Array.isArray(id)) throw this.#broken('refers to a storage without a tuple');
    const [tag, type, key, , count, view] = id;
    if (view !== undefined && view !== null)
      throw this.#broken('has storages that are views of others, as PyTorch before 0.4 wrote them');
    const complete =
      tag === 'storage' &&
      isKind<StorageType>(type, 'storage-type') &&
      typeof key === 'string' &&
      typeof count === 'number';
    if (!complete) throw this.#broken('refers to a storage in a way that is not known');
    const known = this.storages.get(key);
    if (known && (known.count !== count || known.dtype !== type.dtype))
      throw this.#broken(`announces its storage "${key}" in two ways`);
    const storage: StorageRef = known ?? { kind: 'storage', key, dtype: type.dtype, count };
    this.storages.set(key, storage);
    return storage;
  }

  #broken(what: string): Error {
    return brokenWeights(this.#where, `Its pickle ${what}. Nothing of it was executed.`);
  }
}

export function isKind<T extends PickleObject>(value: PickleValue | undefined, kind: T['kind']): value is T {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

/** Python 3 fills a dictionary after it was made, Python 2 gave its items as pairs. */
function orderedDict([items]: PickleValue[]): PickleValue | undefined {
  const dict = new Map<PickleValue, PickleValue>();
  if (items === undefined) return dict;
  if (!Array.isArray(items)) return undefined;
  for (const pair of items) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    dict.set(pair[0]!, pair[1]!);
  }
  return dict;
}

function tensor([storage, offset, shape, strides]: PickleValue[]): TensorRef | undefined {
  const numbers = (v: PickleValue | undefined): v is number[] =>
    Array.isArray(v) && v.every((n) => typeof n === 'number');
  if (!isKind<StorageRef>(storage, 'storage') || typeof offset !== 'number') return undefined;
  if (!numbers(shape) || !numbers(strides)) return undefined;
  return { kind: 'tensor', storage, offset, shape, strides };
}
