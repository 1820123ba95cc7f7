import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { openWeights } from '../../../../src/nn/weights/open';
import { temporaryFolder } from '../../run/fixtures';
import {
  Call,
  checkpoint,
  checkpointEntries,
  floats,
  Global,
  legacyCheckpoint,
  pickled,
  Raw,
  tensor,
  zipped,
} from './pickles';

/** Files that are damaged, or made to mislead whoever reads them. */
const folder = temporaryFolder();
let count = 0;
let before: string[];
beforeEach(() => {
  before = readdirSync(folder);
});

function refuses(bytes: Uint8Array, reason: RegExp): void {
  const file = join(folder, `${count++}.pth`);
  writeFileSync(file, bytes);
  before.push(`${count - 1}.pth`);
  assert.throws(
    () => openWeights(file).close(),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'checkpoint-broken', error.stack);
      assert.match(error.message, reason);
      assert.ok(error.message.startsWith(`${file}: `));
      return true;
    },
  );
  // Nothing was written beside it.
  assert.deepEqual(readdirSync(folder).sort(), before.sort());
}

const system = new Call(new Global('posix', 'system'), `touch ${join(folder, 'executed')}`);

test('a pickle that calls os.system is refused by name, and nothing is executed', () => {
  for (const value of [
    system,
    { weights: system, w: tensor() },
    { w: new Call(new Global('torch._utils', '_rebuild_tensor_v2'), system) },
  ]) {
    refuses(
      checkpoint(value),
      /asks for "posix\.system", which a table of weights does not need; pickles are read, never executed/,
    );
    refuses(legacyCheckpoint(value), /asks for "posix\.system"/);
  }
  refuses(legacyCheckpoint({ w: tensor() }, undefined, { system }), /asks for "posix\.system"/);
  refuses(legacyCheckpoint({ w: tensor() }, undefined, { keys: system }), /asks for "posix\.system"/);
});

test('names that begin like harmless ones are refused', () => {
  for (const [module, name] of [
    ['builtins', 'eval'],
    ['torch', 'load'],
    ['torch.storage', '_load_from_bytes'],
    ['collections', 'OrderedDict.__init__'],
    ['torch', 'constructor'],
    ['', '__proto__'],
    ['numpy.core.multiarray', '_reconstruct'],
    ['torch', 'float32.__reduce__'],
  ] as const)
    refuses(
      checkpoint({ x: new Global(module, name) }),
      /asks for ".*", which a table of weights does not need/,
    );
});

test('instructions that make objects by other ways are refused by name', () => {
  const opcode = (code: number) => checkpoint({ x: new Raw(0x28, code) });
  refuses(opcode(0x69), /uses the instruction INST/);
  refuses(opcode(0x6f), /uses the instruction OBJ/);
  refuses(opcode(0x82), /uses the instruction EXT1/);
  refuses(opcode(0x92), /uses the instruction NEWOBJ_EX/);
  refuses(opcode(0x50), /uses the instruction PERSID/);
  refuses(opcode(0x00), /is no instruction of a pickle \(0x00\)/);
});

test('a pickle that is no pickle ends in words', () => {
  const raw = (...bytes: number[]) => zipped(checkpointEntries(Buffer.from(bytes)));
  refuses(raw(0x80, 2), /ends early/);
  refuses(raw(0x80, 9, 0x2e), /protocol 9/);
  refuses(raw(0x2e), /takes more from its stack than it has put there/);
  refuses(raw(0x85), /takes more from its stack/);
  refuses(raw(0x75), /goes back to a mark that it has not set/);
  refuses(raw(0x68, 7), /refers to its object 7, which it has not made/);
  refuses(raw(0x4e, 0x4e, 0x52), /without a tuple of arguments/);
  refuses(raw(0x4e, 0x29, 0x52), /calls what is no function/);
  refuses(raw(0x4e, 0x7d, 0x62), /sets the state of what has none/);
  refuses(raw(0x4e, 0x51), /refers to a storage without a tuple/);
  refuses(raw(0x4e, 0x4e, 0x61), /appends to what is no list/);
  refuses(raw(0x4e, 0x4e, 0x4e, 0x73), /fills what is no dictionary/);
  refuses(raw(0x49, 0x78, 0x0a, 0x2e), /has "x" for a number/);
  // A text of 4 GB, a text of 2^63 bytes.
  refuses(raw(0x58, 255, 255, 255, 255), /ends early/);
  refuses(raw(0x8d, 0, 0, 0, 0, 0, 0, 0, 128), /ends early/);
  refuses(checkpoint(7), /no table of weights in it/);
});

test('a pickle without end is cut at two million instructions', () => {
  refuses(zipped(checkpointEntries(Buffer.alloc(2_100_000, 0x5d))), /more than 2000000 instructions/);
});

test('a million tensors are refused before memory is taken for them', () => {
  const entries = Array.from(
    { length: 60_000 },
    (_, i) => `"t${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
  );
  const header = (json: string) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, Buffer.from(json)]);
  };
  refuses(header(`{${entries.join(',')}}`), /announces 60000 tensors; 50000 are the limit/);
  const padded = `{${entries.slice(0, 9).join(',')}${' '.repeat(17 * 1024 * 1024)}}`;
  refuses(header(padded), /announces a header of \d+ bytes; 16777216 are the limit/);

  // One tensor, remembered as object 0 and entered under 51 000 names: 10 bytes each.
  const name = (i: number) =>
    Buffer.concat([Buffer.from([0x8c, 6]), Buffer.from(String(i).padStart(6, '0'))]);
  const pickle = Buffer.concat([
    pickled(tensor()).subarray(0, -1),
    Buffer.from([0x71, 0, 0x30, 0x7d, 0x28]),
    ...Array.from({ length: 51_000 }, (_, i) => Buffer.concat([name(i), Buffer.from([0x68, 0])])),
    Buffer.from('u.'),
  ]);
  refuses(zipped(checkpointEntries(pickle)), /announces 51000 tensors; 50000 are the limit/);
  refuses(
    zipped(checkpointEntries(pickled({ w: tensor() })), { entries: 1_000_000, zip64: true }),
    /announces 1000000 entries/,
  );
});

test('views that leave their storage, or are larger than it, are refused', () => {
  const of = (options: Parameters<typeof tensor>[0]) => checkpoint({ w: tensor(options) });
  refuses(of({ shape: [3] }), /reaches to number 3 of a storage of 2/);
  refuses(of({ offset: 1 }), /reaches to number 3 of a storage of 2/);
  refuses(of({ strides: [2] }), /reaches to number 3 of a storage of 2/);
  refuses(of({ offset: -1 }), /has the shape \[2\], strides \[1\] and offset -1/);
  refuses(of({ shape: [-2] }), /has the shape \[-2\]/);
  refuses(of({ strides: [-1] }), /strides \[-1\]/);
  refuses(of({ shape: [2, 1] }), /has the shape \[2,1\], strides \[1\]/);
  refuses(of({ shape: [2_000_000_000, 2_000_000_000], strides: [0, 0] }), /larger|reaches to number/);
  refuses(of({ shape: [0], offset: 9 }), /reaches to number 9 of a storage of 2/);
});

test('storages that are not what is announced are refused', () => {
  const of = (options: Parameters<typeof tensor>[0]) => ({ w: tensor(options) });
  refuses(checkpoint(of({ key: '1' })), /storage "1" is missing/);
  refuses(checkpoint(of({ count: 3 })), /storage "0" has 8 bytes, 3 numbers of type F32 are announced/);
  refuses(checkpoint(of({ count: 2_000_000_000 })), /2000000000 numbers of type F32/);
  refuses(checkpoint(of({ type: 'DoubleStorage' })), /2 numbers of type F64/);
  refuses(checkpoint(of({ type: 'ComplexFloatStorage' })), /asks for "torch\.ComplexFloatStorage"/);
  refuses(
    checkpoint({ a: tensor(), b: tensor({ count: 1, shape: [1] }) }),
    /announces its storage "0" in two ways/,
  );
  refuses(checkpoint(of({ key: '../0' })), /storage "\.\.\/0" is missing/);

  refuses(legacyCheckpoint(of({ count: 3 })), /storage "0" has 2 numbers, 3 are announced/);
  refuses(
    legacyCheckpoint(of({}), undefined, { counts: { 0: -2n & 0xffffffffffffffffn } }),
    /storage "0" has -2 numbers/,
  );
  refuses(legacyCheckpoint(of({}), undefined, { keys: ['0', '0'] }), /which is not announced or there twice/);
  refuses(legacyCheckpoint(of({}), undefined, { keys: ['9'] }), /"9", which is not announced/);
  refuses(legacyCheckpoint(of({}), undefined, { keys: [] }), /storage "0" is missing/);
  refuses(legacyCheckpoint(of({}), undefined, { magic: 7n }), /a pickle, but not of PyTorch/);
  refuses(legacyCheckpoint(of({}), undefined, { system: { little_endian: false } }), /little-endian/);
});

test('a file that is cut off anywhere is refused', () => {
  const values = { w: tensor(), v: tensor({ key: '1', count: 3, shape: [3] }) };
  const storages = { 0: floats(1, 2), 1: floats(3, 4, 5) };
  for (const whole of [checkpoint(values, storages), legacyCheckpoint(values, storages)])
    for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 40))
      refuses(
        whole.subarray(0, length),
        /ends early|cut off|asked for|missing|empty|no file of weights|not of PyTorch|not a whole/,
      );
});

test('archives whose headers lie are refused', () => {
  const pickle = pickled({ w: tensor() });
  const [data, order, storage] = checkpointEntries(pickle) as [
    ReturnType<typeof checkpointEntries>[0],
    ReturnType<typeof checkpointEntries>[0],
    ReturnType<typeof checkpointEntries>[0],
  ];
  const archive = (change: Partial<typeof storage>, end?: Parameters<typeof zipped>[1]) =>
    zipped([data, order, { ...storage, ...change }], end);
  // A bomb: little in the file, much when unpacked. Nothing is ever unpacked.
  refuses(archive({ method: 8, unpacked: 0xfffffff0 }), /"archive\/data\/0" is compressed/);
  refuses(zipped([{ ...data, method: 8 }, order, storage]), /"archive\/data\.pkl" is compressed/);
  refuses(archive({ unpacked: 0x7fffffff }), /has 8 bytes that are said to be 2147483647/);
  refuses(archive({ unpacked: 0x7fffffff, packed: 0x7fffffff }), /lies at bytes \d+ to \d+, beyond/);
  refuses(archive({ unpacked: 0xffffffff }), /does not say how large/);
  // Overlapping: two names for the same bytes, which is how small archives pretend to be large.
  refuses(archive({ header: 0 }), /overlap/);
  refuses(archive({ header: 3 }), /does not begin at byte 3/);
  refuses(archive({ header: 0x7fffffff }), /is said to lie at byte 2147483647/);
  refuses(archive({ attributes: (0o120777 << 16) >>> 0 }), /"archive\/data\/0" is a symbolic link/);
  refuses(archive({ flags: 1 }), /is encrypted/);
  refuses(zipped([data, order, storage, storage]), /two entries "archive\/data\/0"/);
  refuses(zipped([order, storage]), /no checkpoint of PyTorch: it has no data\.pkl/);
  refuses(zipped([data, { ...order, data: Buffer.from('bigger') }, storage]), /not in little-endian order/);
  refuses(archive({}, { directory: 0x7fffffff }), /beyond the \d+ there are/);
  refuses(archive({}, { length: 40 }), /announces 3 entries in a directory of 40 bytes/);
  refuses(archive({}, { length: 2 ** 40, zip64: true }), /announces 1099511627776 bytes/);
  refuses(Buffer.concat([Buffer.alloc(600).fill('ustar', 257)]), /tar archive/);
});

test('a symbolic link is not followed, and what is no file is not read', () => {
  const target = join(folder, 'target.pth');
  writeFileSync(target, checkpoint({ w: tensor() }));
  openWeights(target).close();
  const link = join(folder, 'link.pth');
  symlinkSync(target, link);
  assert.throws(() => openWeights(link), {
    code: 'checkpoint-broken',
    message: /symbolic link, which is not followed/,
  });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.throws(() => openWeights(join(folder, 'pipe')), {
    code: 'checkpoint-broken',
    message: /This is not a file/,
  });
  assert.throws(() => openWeights(folder), { code: 'checkpoint-broken', message: /This is not a file/ });
  assert.throws(() => openWeights(join(folder, 'none.pth')), { code: 'checkpoint-missing' });
});

test('a table among others: that of a usual name, else the outermost', () => {
  const tableOf = (value: unknown) => {
    const path = join(folder, 'tables');
    writeFileSync(path, checkpoint(value));
    const file = openWeights(path);
    file.close();
    return [file.table, [...file.tensors.keys()]];
  };
  const w = tensor();
  assert.deepEqual(tableOf({ step: w, model: { w } }), ['model', ['w']]);
  assert.deepEqual(tableOf({ ema: { a: w }, state_dict: { w } }), ['state_dict', ['w']]);
  assert.deepEqual(tableOf({ model: { state_dict: { w } }, ema: { a: w } }), ['model.state_dict', ['w']]);
  assert.deepEqual(tableOf({ w, ema: { a: w } }), ['', ['w']]);
  assert.deepEqual(tableOf({ anything: { w }, optimizer: { state: { a: w } } }), ['anything', ['w']]);
});

test('dictionaries that hold each other a thousand times are looked at once', () => {
  // {k0: d, k1: d, ...} around {k0: e, ...} around ...: a thousand to the fifth ways to the middle.
  const ring = (inner: Buffer, index: number) =>
    Buffer.concat([
      inner,
      Buffer.from([0x71, index, 0x30, 0x7d, 0x28]),
      ...Array.from({ length: 1000 }, (_, i) =>
        Buffer.concat([
          Buffer.from([0x8c, 3]),
          Buffer.from(String(i).padStart(3, '0')),
          Buffer.from([0x68, index]),
        ]),
      ),
      Buffer.from('u'),
    ]);
  const middle = Buffer.from([0x7d]);
  const pickle = [0, 1, 2, 3, 4].reduce((inner, index) => ring(inner, index), middle);
  refuses(
    zipped(checkpointEntries(Buffer.concat([Buffer.from([0x80, 2]), pickle, Buffer.from('.')]))),
    /no table of weights in it/,
  );
});

test('what these tests make is read where nothing is wrong with it', () => {
  for (const [name, bytes] of [
    ['zip', checkpoint({ w: tensor() })],
    ['zip64', zipped(checkpointEntries(pickled({ w: tensor() })), { zip64: true })],
    ['legacy', legacyCheckpoint({ w: tensor() })],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const file = openWeights(path);
    assert.deepEqual([...file.tensors.get('w')!.read()], [1, 2], name);
    file.close();
  }
});
