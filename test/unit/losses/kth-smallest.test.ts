import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kthSmallest } from '../../../src/distill/losses/kth-smallest';
import { RandomStream } from '../../../src/engine/random';

const random = RandomStream.seeded(3, 'kth');
const inputs: [string, Float32Array][] = [
  ['one value', Float32Array.of(0.5)],
  ['random', Float32Array.from({ length: 501 }, () => random.uniform())],
  ['few distinct', Float32Array.from({ length: 400 }, () => random.int(4) / 4)],
  ['all equal', new Float32Array(100).fill(1)],
  ['rising', Float32Array.from({ length: 200 }, (_, i) => i)],
  ['falling', Float32Array.from({ length: 200 }, (_, i) => -i)],
];

for (const [name, values] of inputs)
  test(`k-th smallest of values: ${name}`, () => {
    const sorted = [...values].sort((a, b) => a - b);
    for (let k = 1; k <= values.length; k++)
      assert.equal(kthSmallest(values.slice(), k), sorted[k - 1], `k = ${k}`);
  });

test('two million equal values take one pass, not one per value', () => {
  assert.equal(kthSmallest(new Float32Array(2_000_000).fill(1), 100_000), 1);
});
