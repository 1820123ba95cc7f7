import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWeights } from '../../../../src/nn/weights/open';
import type { WeightFile } from '../../../../src/nn/weights/weight-file';

/** Written by test/golden/pytorch/checkpoints.py with PyTorch itself. */
const folder = join(__dirname, '../../../golden/pytorch');
const expected: Record<
  string,
  Record<string, { shape: number[]; dtype: string; values: number[] }>
> = JSON.parse(readFileSync(join(folder, 'checkpoints.json'), 'utf8'));
const DTYPES: Record<string, string> = {
  ...{ float32: 'F32', float16: 'F16', bfloat16: 'BF16', float64: 'F64', int64: 'I64', bool: 'BOOL' },
};

function withFile<T>(name: string, use: (file: WeightFile) => T, key?: string): T {
  const file = openWeights(join(folder, 'checkpoints', name), { key });
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function checkTensors(file: WeightFile, wanted: (typeof expected)[string]): void {
  assert.deepEqual([...file.tensors.keys()], Object.keys(wanted));
  for (const [name, { shape, dtype, values }] of Object.entries(wanted)) {
    const tensor = file.tensors.get(name)!;
    assert.deepEqual(tensor.shape, shape, name);
    assert.equal(tensor.dtype, DTYPES[dtype], name);
    if (dtype === 'int64' || dtype === 'bool') continue;
    assert.deepEqual([...tensor.read()], values.map(Math.fround), name);
  }
}

for (const [suffix, format] of [
  ['', 'PyTorch'],
  ['-legacy', 'PyTorch before 1.6'],
] as const) {
  test(`${format}: every type, exactly`, () => {
    withFile(`types${suffix}.pth`, (file) => {
      assert.equal(file.format, format);
      checkTensors(file, expected.types!);
    });
  });

  test(`${format}: views by strides and offsets, and storages that are shared`, () => {
    withFile(`views${suffix}.pth`, (file) => checkTensors(file, expected.views!));
  });

  test(`${format}: the weights among all that a training saves`, () => {
    withFile(`training${suffix}.pth`, (file) => {
      assert.equal(file.table, 'state_dict');
      checkTensors(file, expected.training!);
    });
  });

  test(`${format}: parameters are tensors`, () => {
    withFile(`backbone${suffix}.pth`, (file) => checkTensors(file, expected.backbone!));
  });

  test(`${format}: several tables are a question, a key answers it`, () => {
    const name = `two-tables${suffix}.pth`;
    assert.throws(() => withFile(name, () => 0), {
      code: 'checkpoint-broken',
      message:
        /several tables of weights: "generator" \(1 tensors\), "discriminator" \(1 tensors\)\. Say which with --key/,
    });
    withFile(name, ({ tensors }) => assert.deepEqual(tensors.get('w')!.shape, [3]), 'discriminator');
    assert.throws(() => withFile(name, () => 0, 'ema'), {
      message: /no table of weights at "ema"\. There are: "generator"/,
    });
  });
}

test('pickles of protocol 4, with frames and names on the stack', () => {
  withFile('protocol4.pth', (file) => checkTensors(file, expected.types!));
});

test('a program of TorchScript is told from weights', () => {
  assert.throws(() => withFile('torchscript.pt', () => 0), {
    code: 'checkpoint-broken',
    message: /program of TorchScript/,
  });
});
