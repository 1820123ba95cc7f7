/** Pickles, zip archives and checkpoints made byte by byte, so that tests can make them wrong. */

const u16 = (n: number) => Buffer.from(Uint16Array.of(n).buffer);
const u32 = (n: number) => Buffer.from(Uint32Array.of(n).buffer);
const u64 = (n: number | bigint) => Buffer.from(BigUint64Array.of(BigInt(n)).buffer);

/** A tuple, for `pickled`; arrays become lists. */
export class Tuple {
  readonly items: readonly unknown[];
  constructor(...items: unknown[]) {
    this.items = items;
  }
}
/** `module.name`. */
export class Global {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}
/** `callable(*args)`. */
export class Call {
  readonly callable: unknown;
  readonly args: Tuple;
  constructor(callable: unknown, ...args: unknown[]) {
    this.callable = callable;
    this.args = new Tuple(...args);
  }
}
/** An object outside of the pickle. */
export class Persistent {
  readonly id: unknown;
  constructor(id: unknown) {
    this.id = id;
  }
}
/** Opcodes as they are. */
export class Raw {
  readonly bytes: Buffer;
  constructor(...bytes: number[]) {
    this.bytes = Buffer.from(bytes);
  }
}

/** A pickle of protocol 2. Numbers are integers of 32 bit; records become dictionaries. */
export function pickled(value: unknown): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), body(value), Buffer.from('.')]);
}

function body(value: unknown): Buffer {
  const op = (text: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(text, 'latin1'), ...parts]);
  if (value === null) return op('N');
  if (typeof value === 'boolean') return op(value ? '\x88' : '\x89');
  if (typeof value === 'number') return op('J', Buffer.from(Int32Array.of(value).buffer));
  if (typeof value === 'bigint') {
    const bytes = Buffer.from(value.toString(16).padStart(22, '0'), 'hex').reverse();
    return op('\x8a', Buffer.from([bytes.length]), bytes);
  }
  if (typeof value === 'string') return op('X', u32(Buffer.byteLength(value)), Buffer.from(value));
  if (value instanceof Raw) return value.bytes;
  if (value instanceof Global) return op(`c${value.module}\n${value.name}\n`);
  if (value instanceof Tuple) return op('(', ...value.items.map(body), Buffer.from('t'));
  if (value instanceof Call) return Buffer.concat([body(value.callable), body(value.args), Buffer.from('R')]);
  if (value instanceof Persistent) return Buffer.concat([body(value.id), Buffer.from('Q')]);
  if (Array.isArray(value)) return op('](', ...value.map(body), Buffer.from('e'));
  const items = Object.entries(value as object).flatMap(([key, item]) => [body(key), body(item)]);
  return op('}(', ...items, Buffer.from('u'));
}

export interface TensorOptions {
  key?: string;
  type?: string;
  /** Numbers in the storage. */
  count?: number;
  offset?: number;
  shape?: number[];
  strides?: number[];
}

/** A tensor as torch.save describes it; by default two floats of a storage "0" of two floats. */
export function tensor(options: TensorOptions = {}): Call {
  const { key = '0', type = 'FloatStorage', count = 2, offset = 0, shape = [2], strides = [1] } = options;
  return new Call(
    new Global('torch._utils', '_rebuild_tensor_v2'),
    new Persistent(new Tuple('storage', new Global('torch', type), key, 'cpu', count)),
    offset,
    new Tuple(...shape),
    new Tuple(...strides),
    false,
    new Call(new Global('collections', 'OrderedDict')),
  );
}

export interface Entry {
  name: string;
  data: Buffer;
  /** What headers say, where that is not the truth. */
  method?: number;
  unpacked?: number;
  packed?: number;
  /** Where the local header is said to be. */
  header?: number;
  attributes?: number;
  flags?: number;
}

/** A zip archive; sizes and places as given, else as they are. `zip64`: the end record says them in 64 bit. */
export function zipped(
  entries: Entry[],
  end: { entries?: number; directory?: number; length?: number; zip64?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let at = 0;
  for (const { name, data, method = 0, attributes = 0, flags = 0, ...said } of entries) {
    const { unpacked = data.length, packed = data.length, header = at } = said;
    const title = Buffer.from(name);
    const common = [
      u16(20),
      u16(flags),
      u16(method),
      u32(0),
      u32(0),
      u32(packed),
      u32(unpacked),
      u16(title.length),
    ];
    const local = Buffer.concat([u32(0x04034b50), ...common, u16(0), title, data]);
    records.push(
      Buffer.concat([
        ...[u32(0x02014b50), u16(0x031e), ...common, u16(0), u16(0), u16(0), u16(0)],
        ...[u32(attributes), u32(header), title],
      ]),
    );
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(records);
  const count = end.entries ?? entries.length;
  const length = end.length ?? directory.length;
  const begin = end.directory ?? at;
  const end64 = end.zip64
    ? [
        ...[
          u32(0x06064b50),
          u64(44),
          u16(45),
          u16(45),
          u32(0),
          u32(0),
          u64(count),
          u64(count),
          u64(length),
          u64(begin),
        ],
        ...[u32(0x07064b50), u32(0), u64(at + directory.length), u32(1)],
      ]
    : [];
  const short = end.zip64
    ? [u16(0xffff), u16(0xffff), u32(0xffffffff), u32(0xffffffff)]
    : [u16(count), u16(count), u32(length), u32(begin)];
  return Buffer.concat([...parts, directory, ...end64, u32(0x06054b50), u16(0), u16(0), ...short, u16(0)]);
}

export const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

/** A checkpoint of today's format: an object and its storages. */
export function checkpoint(value: unknown, storages: Record<string, Buffer> = { 0: floats(1, 2) }): Buffer {
  return zipped(checkpointEntries(pickled(value), storages));
}

export function checkpointEntries(
  pickle: Buffer,
  storages: Record<string, Buffer> = { 0: floats(1, 2) },
): Entry[] {
  return [
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/byteorder', data: Buffer.from('little') },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
  ];
}

/** A checkpoint of the format before 1.6. `counts`: numbers each storage is said to have; floats. */
export function legacyCheckpoint(
  value: unknown,
  storages: Record<string, Buffer> = { 0: floats(1, 2) },
  change: { magic?: bigint; system?: unknown; keys?: unknown; counts?: Record<string, number | bigint> } = {},
): Buffer {
  return Buffer.concat([
    pickled(change.magic ?? 0x1950a86a20f9469cfc6cn),
    pickled(1001),
    pickled(change.system ?? { protocol_version: 1001, little_endian: true }),
    pickled(value),
    pickled(change.keys ?? Object.keys(storages)),
    ...Object.entries(storages).flatMap(([key, data]) => [
      u64(change.counts?.[key] ?? data.length / 4),
      data,
    ]),
  ]);
}
