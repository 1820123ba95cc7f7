import { brokenWeights } from '../refusal';
import type { ByteReader } from './byte-reader';

/**
 * A reader of pickles that cannot execute one. It keeps a stack of plain values; names (`collections.OrderedDict`) and
 * calls go to `PickleWorld`, which knows a handful of them and refuses the rest.
 * Source: the opcode table of CPython, Lib/pickletools.py.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleObject;

/** What the world makes of names and calls. */
export interface PickleObject {
  readonly kind: string;
}

export interface PickleWorld {
  /** What a name stands for. Refuses by throwing. */
  global(module: string, name: string): PickleValue;
  /** The result of `callable(*args)`. */
  call(callable: PickleValue, args: PickleValue[]): PickleValue;
  /** `object.__setstate__(state)`. */
  build(object: PickleValue, state: PickleValue): void;
  /** An object that lies outside of the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/** A table of 50 000 tensors takes about this many; each may put a container on the heap. */
const MAX_OPCODES = 2_000_000;
/** Names of modules and integers as text: nothing longer is needed. */
const MAX_LINE = 1000;

/** Opcodes of the pickle protocol that a table of tensors does not need, for the words of the refusal. */
const REFUSED: Record<number, string> = {
  70: 'FLOAT',
  80: 'PERSID',
  83: 'STRING',
  86: 'UNICODE',
  105: 'INST',
  111: 'OBJ',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  143: 'EMPTY_SET',
  144: 'ADDITEMS',
  145: 'FROZENSET',
  146: 'NEWOBJ_EX',
  150: 'BYTEARRAY8',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
};

/** Reads one pickle and leaves the reader behind its end. Errors: checkpoint-broken. */
export function readPickle(reader: ByteReader, world: PickleWorld): PickleValue {
  return new Machine(reader, world).run();
}

class Machine {
  readonly #reader: ByteReader;
  readonly #world: PickleWorld;
  readonly #memo = new Map<number, PickleValue>();
  #stack: PickleValue[] = [];
  /** Stacks that wait below a mark. */
  readonly #below: PickleValue[][] = [];

  constructor(reader: ByteReader, world: PickleWorld) {
    this.#reader = reader;
    this.#world = world;
  }

  run(): PickleValue {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const at = this.#reader.position;
      const opcode = this.#reader.byte();
      if (opcode === 0x2e) return this.#pop();
      this.#step(opcode, at);
    }
    throw this.#broken(
      `The pickle has more than ${MAX_OPCODES} instructions: far more than any table of weights.`,
    );
  }

  #step(opcode: number, at: number): void {
    const r = this.#reader;
    // The comments give the names of the opcodes.
    switch (opcode) {
      case 0x80: // PROTO
        this.#protocol(r.byte());
        break;
      case 0x95: // FRAME
        r.bytes(8);
        break;
      case 0x28: // MARK
        this.#below.push(this.#stack);
        this.#stack = [];
        break;
      case 0x30: // POP
        // A mark counts as an item of the stack.
        if (this.#stack.length === 0) this.#popMark();
        else this.#pop();
        break;
      case 0x31: // POP_MARK
        this.#popMark();
        break;
      case 0x61: // APPEND
        this.#append(this.#popMany(1));
        break;
      case 0x65: // APPENDS
        this.#append(this.#popMark());
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popMark());
        break;
      case 0x71: // BINPUT
        this.#put(r.byte());
        break;
      case 0x72: // LONG_BINPUT
        this.#put(r.view(4).getUint32(0, true));
        break;
      case 0x94: // MEMOIZE
        this.#put(this.#memo.size);
        break;
      case 0x62: {
        // BUILD
        const state = this.#pop();
        this.#world.build(this.#top(), state);
        break;
      }
      default: {
        const value = this.#literal(opcode) ?? this.#made(opcode);
        if (value === undefined) throw this.#unknown(opcode, at);
        this.#stack.push(value);
      }
    }
  }

  /** The value that an opcode has in itself. */
  #literal(opcode: number): PickleValue | undefined {
    const r = this.#reader;
    switch (opcode) {
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4a: // BININT
        return r.view(4).getInt32(0, true);
      case 0x4b: // BININT1
        return r.byte();
      case 0x4d: // BININT2
        return r.view(2).getUint16(0, true);
      case 0x49: // INT
        return this.#integerText(r.line(MAX_LINE));
      case 0x4c: // LONG
        return this.#integerText(r.line(MAX_LINE).replace(/L$/, ''));
      case 0x8a: // LONG1
        return integer(r.bytes(r.byte()));
      case 0x47: // BINFLOAT
        return r.view(8).getFloat64(0, false);
      case 0x54: // BINSTRING: what Python 2 wrote for texts
      case 0x58: // BINUNICODE
        return text(r.bytes(r.view(4).getUint32(0, true)));
      case 0x55: // SHORT_BINSTRING
      case 0x8c: // SHORT_BINUNICODE
        return text(r.bytes(r.byte()));
      case 0x8d: // BINUNICODE8
        return text(r.bytes(Number(r.view(8).getBigUint64(0, true))));
      case 0x42: // BINBYTES
        return r.bytes(r.view(4).getUint32(0, true)).slice();
      case 0x43: // SHORT_BINBYTES
        return r.bytes(r.byte()).slice();
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return [];
      case 0x7d: // EMPTY_DICT
        return new Map();
      default:
        return undefined;
    }
  }

  /** The value that an opcode makes of others. */
  #made(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x32: // DUP
        return this.#top();
      case 0x85: // TUPLE1
        return this.#popMany(1);
      case 0x86: // TUPLE2
        return this.#popMany(2);
      case 0x87: // TUPLE3
        return this.#popMany(3);
      case 0x6c: // LIST
      case 0x74: // TUPLE
        return this.#popMark();
      case 0x64: // DICT
        return this.#filled(new Map(), this.#popMark());
      case 0x68: // BINGET
        return this.#get(this.#reader.byte());
      case 0x6a: // LONG_BINGET
        return this.#get(this.#reader.view(4).getUint32(0, true));
      case 0x63: // GLOBAL
        return this.#world.global(this.#reader.line(MAX_LINE), this.#reader.line(MAX_LINE));
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        if (typeof module === 'string' && typeof name === 'string') return this.#world.global(module, name);
        throw this.#broken('The pickle names something by what is not text.');
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callable, args] = this.#popMany(2);
        if (Array.isArray(args)) return this.#world.call(callable!, args);
        throw this.#broken('The pickle calls something without a tuple of arguments.');
      }
      case 0x51: // BINPERSID
        return this.#world.persistent(this.#pop());
      default:
        return undefined;
    }
  }

  #protocol(version: number): void {
    if (version > 5) throw this.#broken(`The pickle is of protocol ${version}; 2 to 5 are known.`);
  }

  #top(): PickleValue {
    if (this.#stack.length === 0)
      throw this.#broken('The pickle takes more from its stack than it has put there.');
    return this.#stack.at(-1)!;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length < count)
      throw this.#broken('The pickle takes more from its stack than it has put there.');
    return this.#stack.splice(-count);
  }

  #popMark(): PickleValue[] {
    const below = this.#below.pop();
    if (!below) throw this.#broken('The pickle goes back to a mark that it has not set.');
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  #append(items: PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#broken('The pickle appends to what is no list.');
    for (const item of items) list.push(item);
  }

  #setItems(items: PickleValue[]): void {
    this.#filled(this.#top(), items);
  }

  #filled(dict: PickleValue, items: PickleValue[]): PickleValue {
    if (!(dict instanceof Map) || items.length % 2)
      throw this.#broken('The pickle fills what is no dictionary.');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
    return dict;
  }

  #put(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #get(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw this.#broken(`The pickle refers to its object ${index}, which it has not made.`);
    return value;
  }

  #integerText(line: string): PickleValue {
    // Protocols 0 and 1 write booleans as 00 and 01.
    if (line === '00' || line === '01') return line === '01';
    if (!/^-?\d{1,40}$/.test(line)) throw this.#broken(`The pickle has "${line.slice(0, 40)}" for a number.`);
    return narrowed(BigInt(line));
  }

  #unknown(opcode: number, at: number): Error {
    const name = REFUSED[opcode];
    return this.#broken(
      name
        ? `The pickle uses the instruction ${name}, which a table of weights does not need (byte ${at}).`
        : `Byte ${at} is no instruction of a pickle (0x${opcode.toString(16).padStart(2, '0')}).`,
    );
  }

  #broken(what: string): Error {
    return brokenWeights(this.#reader.where, `${what} Nothing of it was executed.`);
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Little-endian two's complement. */
function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return narrowed(BigInt.asIntN(8 * bytes.length, value));
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
