import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryQueues } from '../../../src/distill/memory-queues';
import { CirkdMemory } from '../../../src/distill/methods/cirkd-memory';
import { RandomStream } from '../../../src/engine/random';
import { engine as openEngine } from './support/runs';

const random = () => RandomStream.seeded(3, 'test');

test('a ring takes its last places where it is full, and begins anew', () => {
  const queues = new MemoryQueues(2, 5, 1);
  const ring = (id: number) => [...queues.at([0, 1, 2, 3, 4]).slice(5 * id, 5 * id + 5)];
  queues.remember(1, Float32Array.of(1, 2), 0, 2);
  assert.deepEqual(ring(1), [1, 2, 0, 0, 0]);
  queues.remember(1, Float32Array.of(9, 3, 4), 1, 3);
  assert.deepEqual(ring(1), [1, 2, 3, 4, 0]);
  assert.deepEqual(queues.positions, [0, 4]);
  // Two would end behind the last place.
  queues.remember(1, Float32Array.of(5, 6), 0, 2);
  assert.deepEqual(ring(1), [1, 2, 3, 5, 6]);
  assert.deepEqual(queues.positions, [0, 0]);
  queues.remember(1, Float32Array.of(1, 2, 3, 4, 5, 6, 7), 0, 7);
  assert.deepEqual(ring(1), [1, 2, 3, 4, 5]);
  assert.deepEqual(ring(0), [0, 0, 0, 0, 0]);
});

test('a ring begins with random directions of length 1', () => {
  const queues = new MemoryQueues(2, 30, 8);
  queues.fill(random());
  const { shape, read } = queues.stored;
  assert.deepEqual(shape, [2, 30, 8]);
  const values = read();
  for (let i = 0; i < values.length; i += 8)
    assert.ok(Math.abs(Math.hypot(...values.subarray(i, i + 8)) - 1) < 1e-6);
  assert.equal(new Set(values).size, values.length);
});

test('places are different ones, and no more than there are', () => {
  const queues = new MemoryQueues(1, 6, 1);
  assert.equal(new Set(queues.places(4, random())).size, 4);
  assert.deepEqual([...queues.places(100, random())].sort(), [0, 1, 2, 3, 4, 5]);
});

/** One image of 2 x 4 positions: four of class 0 at the end, two of class 1, two ignored; the embedding says where it lies. */
async function remember(keys: 'class' | 'first') {
  const engine = await openEngine();
  const { tf } = engine;
  const memory = new CirkdMemory(
    {
      keys,
      pixels: 10,
      regions: 3,
      pixelsPerImage: 3,
      pixelContrast: 20,
      regionContrast: 6,
      temperature: 0.1,
    },
    3,
    2,
  );
  tf.tidy(() => {
    const ids = Int32Array.of(1, -1, 1, -1, 0, 0, 0, 0);
    const labels = tf.tensor3d(ids, [1, 2, 4], 'int32');
    const batch = { ids: ['one'], images: new Float32Array(24), labels: ids, n: 1, height: 2, width: 4 };
    const angles = Array.from({ length: 8 }, (_, i) => 0.1 * (i + 1));
    const rows = tf.tensor2d(
      angles.flatMap((a) => [Math.cos(a), Math.sin(a)]),
      [8, 2],
    );
    memory.remember({ engine, labels, batch }, rows, [1, 2, 4], random());
  });
  const arrays = new Map(memory.arrays());
  /** Where a remembered vector lay, from 1; regions lie between. */
  const angles = (name: string, id: number, size: number) =>
    Array.from({ length: size }, (_, i) => {
      const values = arrays
        .get(name)!
        .read()
        .subarray((id * size + i) * 2, (id * size + i) * 2 + 2);
      return 10 * Math.atan2(values[1]!, values[0]!);
    }).filter((a) => a !== 0);
  return {
    pixels: [0, 1, 2].map((id) => angles('memory.pixels', id, 10).map((a) => Math.round(a))),
    regions: [0, 1, 2].map((id) => angles('memory.regions', id, 3)),
    positions: memory.positions,
  };
}

test('CIRKD remembers the mean of every class an image shows, and pixels of that class', async () => {
  const { pixels, regions, positions } = await remember('class');
  assert.equal(pixels[0]!.length, 3);
  assert.ok(pixels[0]!.every((p) => p >= 5) && new Set(pixels[0]!).size === 3);
  assert.deepEqual(pixels[1]!.sort(), [1, 3]);
  assert.ok(Math.abs(regions[0]![0]! - 6.5) < 1e-4 && Math.abs(regions[1]![0]! - 2) < 1e-4);
  assert.deepEqual([pixels[2], regions[2]], [[], []]);
  assert.deepEqual(positions, { pixels: [3, 2, 0], regions: [1, 1, 0] });
});

test('as in the released code, the pixels can be of the first positions instead', async () => {
  const { pixels } = await remember('first');
  assert.ok(pixels[0]!.every((p) => p <= 4) && pixels[0]!.length === 3);
  assert.deepEqual(pixels[1]!.sort(), [1, 2]);
});
