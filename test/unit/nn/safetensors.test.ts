import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../src/nn/weights/dtype';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  toFloat32,
} from '../../../src/nn/weights/safetensors';
import { DistillError } from '../../../src/protocol/errors';

const tensors = () =>
  new Map([
    ['a.weight', float32Tensor([2, 3], Float32Array.of(1, -2, 3.5, 0, 1e-30, 7))],
    ['b', float32Tensor([], Float32Array.of(42))],
    ['empty', float32Tensor([0, 4], new Float32Array(0))],
  ]);

/** A file with any header; `header` may be text that is not JSON. */
function file(header: unknown, data = new Uint8Array(0), announced?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + data.length);
  new DataView(out.buffer).setBigUint64(0, announced ?? BigInt(json.length), true);
  out.set(json, 8);
  out.set(data, 8 + json.length);
  return out;
}

function refuses(bytes: Uint8Array, reason: RegExp): void {
  assert.throws(
    () => decodeSafetensors(bytes, 'x.safetensors'),
    (error) => {
      assert.ok(error instanceof DistillError);
      assert.equal(error.code, 'checkpoint-broken');
      assert.equal(error.where, 'x.safetensors');
      assert.match(error.message, reason);
      return true;
    },
  );
}

test('what is written is read again', () => {
  const bytes = encodeSafetensors({ tensors: tensors(), metadata: { format: 'pt', note: 'ä' } });
  const { tensors: read, metadata } = decodeSafetensors(bytes, 'x');
  assert.deepEqual(metadata, { format: 'pt', note: 'ä' });
  assert.deepEqual([...read.keys()], ['a.weight', 'b', 'empty']);
  for (const [name, tensor] of tensors()) {
    assert.deepEqual(read.get(name)!.shape, tensor.shape);
    assert.deepEqual(toFloat32(name, read.get(name)!, 'x'), toFloat32(name, tensor, 'x'));
  }
});

test('the data begins at a multiple of 8 and files without metadata have none', () => {
  const bytes = encodeSafetensors({ tensors: tensors(), metadata: {} });
  assert.equal(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0);
  assert.deepEqual(decodeSafetensors(bytes, 'x').metadata, {});
});

test('a file in the middle of a larger buffer is read', () => {
  const bytes = encodeSafetensors({ tensors: tensors(), metadata: {} });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const { tensors: read } = decodeSafetensors(shifted.subarray(3), 'x');
  assert.deepEqual([...toFloat32('b', read.get('b')!, 'x')], [42]);
});

test('every cut of a file is refused', () => {
  const bytes = encodeSafetensors({ tensors: tensors(), metadata: { format: 'pt' } });
  for (let n = 0; n < bytes.length; n++) refuses(bytes.subarray(0, n), /not a whole safetensors file/);
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  refuses(longer, /1 bytes at its end belong to no tensor/);
});

test('headers that announce too much are refused before memory is asked for', () => {
  refuses(file({}, undefined, 1n << 62n), /announces a header of 4611686018427387904 bytes/);
  refuses(file({}, undefined, 200n), /announces a header of 200 bytes/);
});

test('headers that are no table of tensors are refused', () => {
  refuses(file('{"a":'), /header is not JSON/);
  refuses(file('[1]'), /not a JSON object/);
  refuses(file('null'), /not a JSON object/);
  refuses(file({ a: null }), /"a" has the unknown type/);
  refuses(file({ __metadata__: { a: 1 } }), /metadata is not a table of texts/);
});

test('tensors that do not fit are refused', () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const with8 = (change: object) => file({ a: { ...entry, ...change } }, new Uint8Array(8));
  decodeSafetensors(with8({}), 'x');
  refuses(with8({ dtype: 'F33' }), /unknown type "F33"/);
  refuses(with8({ dtype: 'toString' }), /unknown type "toString"/);
  refuses(with8({ shape: [-2] }), /has the shape \[-2\]/);
  refuses(with8({ shape: [1.5] }), /has the shape/);
  refuses(with8({ shape: 2 }), /has the shape 2/);
  refuses(with8({ shape: [3] }), /needs 12 bytes and has 8/);
  refuses(with8({ shape: [1] }), /needs 4 bytes and has 8/);
  refuses(with8({ shape: [2 ** 40, 2 ** 40] }), /needs .* bytes and has 8/);
  refuses(with8({ data_offsets: [-8, 0] }), /lies at \[-8,0\]/);
  refuses(with8({ data_offsets: [8, 0] }), /bytes 8 to 0 of 8/);
  refuses(with8({ data_offsets: [0, 16] }), /bytes 0 to 16 of 8; the file may be cut off/);
  refuses(with8({ data_offsets: [0] }), /lies at \[0\]/);
});

test('ranges that overlap or leave holes are refused', () => {
  const at = (begin: number) => ({ dtype: 'F32', shape: [2], data_offsets: [begin, begin + 8] });
  refuses(file({ a: at(0), b: at(4) }, new Uint8Array(12)), /"b" begins at byte 4 where 8 was due/);
  refuses(file({ a: at(0), b: at(12) }, new Uint8Array(20)), /"b" begins at byte 12 where 8 was due/);
  refuses(file({ a: at(0), b: at(0) }, new Uint8Array(8)), /overlap/);
});

test('half, bfloat16 and double precision become float32', () => {
  const tensor = (dtype: Dtype, values: number[], set: (v: DataView, i: number, x: number) => void) => {
    const width = dtype === 'F64' ? 8 : 2;
    const bytes = new Uint8Array(values.length * width);
    for (const [i, x] of values.entries()) set(new DataView(bytes.buffer), i, x);
    return { dtype, shape: [values.length], bytes };
  };
  const u16 = (v: DataView, i: number, x: number) => v.setUint16(2 * i, x, true);
  const half = tensor('F16', [0x3c00, 0xc000, 0x3555, 0x0001, 0x7c00, 0x8000], u16);
  const read = toFloat32('a', half, 'x');
  assert.deepEqual([...read.slice(0, 2)], [1, -2]);
  assert.ok(Math.abs(read[2]! - 1 / 3) < 1e-4);
  assert.equal(read[3], Math.fround(2 ** -24));
  assert.equal(read[4], Number.POSITIVE_INFINITY);
  assert.ok(Object.is(read[5], -0));
  const bfloat = tensor('BF16', [0x3f80, 0xc049], u16);
  assert.deepEqual([...toFloat32('a', bfloat, 'x')], [1, -3.140625]);
  const double = tensor('F64', [0.1], (v, i, x) => v.setFloat64(8 * i, x, true));
  assert.deepEqual([...toFloat32('a', double, 'x')], [Math.fround(0.1)]);
});

test('integers are no weights', () => {
  const tensor = { dtype: 'I64' as const, shape: [1], bytes: new Uint8Array(8) };
  assert.throws(() => toFloat32('n', tensor, 'x'), { code: 'checkpoint-mismatch', message: /type I64/ });
});
