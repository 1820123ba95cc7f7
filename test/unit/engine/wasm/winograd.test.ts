import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { openEngine } from '../../../../src/engine/open';
import type { Shape4 } from '../../../../src/engine/ops/kernels';
import { RandomStream } from '../../../../src/engine/random';
import type { WasmHeap } from '../../../../src/engine/wasm/heap';
import type { Threads } from '../../../../src/engine/wasm/threads';
import { Winograd } from '../../../../src/engine/wasm/winograd';

/** Winograd's filtering rounds more than the direct way: a part of the largest value. */
const TOLERANCE = 3e-5;

interface Case {
  name: string;
  input: Shape4;
  to: number;
  dilation: number;
}

/** Sizes that leave over rows, columns, channels and tiles of every kind. */
const cases: Case[] = [
  { name: 'whole tiles', input: [2, 8, 12, 32], to: 64, dilation: 1 },
  { name: 'parts of tiles and of tasks', input: [2, 17, 22, 72], to: 104, dilation: 1 },
  { name: 'sub-images of different sizes', input: [1, 25, 23, 40], to: 32, dilation: 3 },
  { name: 'a small map, far apart', input: [2, 16, 16, 256], to: 136, dilation: 4 },
  { name: 'more steps than at a time', input: [1, 9, 8, 328], to: 32, dilation: 1 },
  { name: 'more tiles than at once', input: [2, 88, 92, 64], to: 64, dilation: 1 },
];

describe('convolutions by Winograd’s filtering on the wasm engine', () => {
  for (const { name, input, to, dilation } of cases)
    it(`are those of the direct way: ${name}`, async () => {
      const { tf, ops } = await openEngine('wasm');
      const stream = RandomStream.seeded(5, name);
      const random = (shape: number[]): Tensor4D =>
        tf.tensor(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b))), shape as Shape4);
      tf.tidy(() => {
        const x = random(input);
        const filterShape: Shape4 = [3, 3, input[3], to];
        const filter = random(filterShape);
        const geometry = { stride: 1, dilation, padding: dilation };
        assert.ok(choice().fits(input, filterShape, geometry));
        // On an image padded beforehand the engine does not choose it.
        assert.ok(!choice().fits(input, filterShape, { ...geometry, padding: 0 }));
        const around: [number, number] = [dilation, dilation];
        const direct = (a: Tensor4D, f: Tensor4D) =>
          ops.conv2d(tf.pad(a, [[0, 0], around, around, [0, 0]]), f, { stride: 1, dilation, padding: 0 });
        const ours = (a: Tensor4D, f: Tensor4D) => ops.conv2d(a, f, geometry);
        const dy = random([...input.slice(0, 3), to]);
        const gradients = (f: typeof direct) =>
          tf.grads((a, b) => f(a as Tensor4D, b as Tensor4D))([x, filter], dy);
        const expected = [direct(x, filter), ...gradients(direct)];
        for (const [i, actual] of [ours(x, filter), ...gradients(ours)].entries())
          assertClose(tf, actual, expected[i]!);
      });
    });

  it('are left alone where they gain nothing', () => {
    const geometry = { stride: 1, dilation: 1, padding: 1 };
    const map = [2, 16, 16];
    assert.ok(choice().fits(map, [3, 3, 64, 64], geometry));
    for (const filter of [
      [1, 1, 64, 64],
      [3, 3, 16, 64],
      [3, 3, 64, 19],
    ])
      assert.ok(!choice().fits(map, filter, geometry), `${filter}`);
    assert.ok(!choice().fits(map, [3, 3, 64, 64], { ...geometry, stride: 2 }));
    // Sub-images of one or two pixels, each of which would take a tile of 16.
    assert.ok(!choice().fits(map, [3, 3, 64, 64], { stride: 1, dilation: 12, padding: 12 }));
  });
});

/** What it chooses depends on sizes alone. */
function choice(): Winograd {
  return new Winograd({} as never, {} as WasmHeap, {} as Threads);
}

type Tf = Awaited<ReturnType<typeof openEngine>>['tf'];

function assertClose(tf: Tf, actual: Tensor, expected: Tensor): void {
  assert.deepEqual(actual.shape, expected.shape);
  const scale = tf.max(tf.abs(expected)).dataSync()[0]!;
  const error = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
  assert.ok(error > 0, 'the same bits: not computed in two ways');
  assert.ok(error <= TOLERANCE * scale, `off by ${error} of ${scale}`);
}
