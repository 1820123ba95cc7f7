import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWeights } from '../../../../src/nn/weights/open';
import { temporaryFolder } from '../../run/fixtures';

const folder = temporaryFolder();
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const weight = (name: string, shape: number[], more: object = {}) => ({
  name,
  shape,
  dtype: 'float32',
  ...more,
});
let count = 0;

/** A model in a folder of its own. */
function model(manifest: unknown, shards: Record<string, Buffer>): string {
  const own = join(folder, String(count++));
  mkdirSync(own);
  for (const [name, bytes] of Object.entries(shards)) writeFileSync(join(own, name), bytes);
  const file = join(own, 'model.json');
  writeFileSync(
    file,
    JSON.stringify({ format: 'layers-model', modelTopology: {}, weightsManifest: manifest }),
  );
  return file;
}

test('tensors across shards and groups, as TensorFlow.js has them', () => {
  const path = model(
    [
      {
        paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
        weights: [
          weight('conv1/kernel', [1, 1, 2, 2]),
          weight('bn1/gamma', [2]),
          weight('step', [], { dtype: 'int32' }),
        ],
      },
      { paths: ['group2.bin'], weights: [weight('bn1/moving_mean', [1])] },
    ],
    {
      'group1-shard1of2.bin': floats(1, 2, 3),
      'group1-shard2of2.bin': floats(4, 5, 6, 7),
      'group2.bin': floats(8),
    },
  );
  const file = openWeights(path);
  assert.equal(file.format, 'TensorFlow.js');
  assert.equal(file.layout, 'tf');
  const read = (name: string) => [...file.tensors.get(name)!.read()];
  assert.deepEqual(read('conv1/kernel'), [1, 2, 3, 4]);
  assert.deepEqual(file.tensors.get('conv1/kernel')!.shape, [1, 1, 2, 2]);
  assert.deepEqual(read('bn1/gamma'), [5, 6]);
  assert.deepEqual(read('bn1/moving_mean'), [8]);
  assert.equal(file.tensors.get('step')!.dtype, 'I32');
  file.close();
});

test('lists that lie, and files that are not beside the model, are refused', () => {
  const one = (change: object, shards: Record<string, Buffer> = { 'a.bin': floats(1, 2) }) =>
    model([{ paths: ['a.bin'], weights: [weight('w', [2])], ...change }], shards);
  const outside = join(folder, 'outside.bin');
  writeFileSync(outside, floats(1, 2));
  const link = one({}, {});
  symlinkSync(outside, join(link, '..', 'a.bin'));
  for (const [file, reason, code = 'checkpoint-broken'] of [
    [
      one({ paths: ['../outside.bin'] }),
      /refers to "\.\.\/outside\.bin", which is not the name of a file beside it/,
    ],
    [one({ paths: [outside] }), /which is not the name of a file beside it/],
    [one({ paths: ['..'] }), /which is not the name of a file beside it/],
    [link, /symbolic link, which is not followed/],
    [one({ paths: ['gone.bin'] }), /There is no such file/, 'checkpoint-missing'],
    [one({ weights: [weight('w', [3])] }), /"w" needs bytes 0 to 12, its files have 8/],
    [one({ weights: [weight('w', [2_000_000_000, 2_000_000_000])] }), /its files have 8/],
    [one({ weights: [weight('w', [1])] }), /4 bytes of a\.bin belong to no tensor/],
    [one({ weights: [weight('w', [1]), weight('w', [1])] }), /two tensors "w"/],
    [one({ weights: [weight('w', [-2])] }), /list of weights cannot be read/],
    [one({ weights: [weight('w', [2], { dtype: 'string' })] }), /of type "string", which is not read/],
    [
      one({ weights: [weight('w', [2], { quantization: { dtype: 'uint8' } })] }),
      /is quantised, which is not read/,
    ],
    [one({ weights: 7 }), /list of weights cannot be read/],
    [model(undefined, {}), /list of weights cannot be read/],
  ] as [string, RegExp, string?][])
    assert.throws(() => openWeights(file), { code, message: reason });
  const noJson = join(folder, 'model.json');
  writeFileSync(noJson, '{ "weightsManifest": [');
  assert.throws(() => openWeights(noJson), { code: 'checkpoint-broken', message: /it is not JSON/ });
});

test('a key is for checkpoints of PyTorch', () => {
  const file = model([{ paths: ['a.bin'], weights: [weight('w', [1])] }], { 'a.bin': floats(1) });
  assert.throws(() => openWeights(file, { key: 'model' }), {
    message: /only checkpoints of PyTorch hold several tables/,
  });
});
