import assert from 'node:assert/strict';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { layerSchema } from '../../../src/protocol/events';
import { readContents } from '../../../src/run/sample-preview';
import { type LayerContents, readLayer, readSample, writeSample } from '../../../src/run/samples';
import { temporaryFolder } from './fixtures';

const image = {
  name: 'image' as const,
  dtype: 'uint8' as const,
  height: 2,
  width: 3,
  channels: 3,
  data: Uint8Array.from({ length: 18 }, (_, i) => i),
};
// A view into a larger buffer: only its own part may be written.
const difficulty = {
  name: 'difficulty' as const,
  dtype: 'float32' as const,
  height: 1,
  width: 2,
  channels: 1,
  data: new Float32Array([9, 0.25, 0.75, 9]).subarray(1, 3),
};

test('layers come back value for value', async () => {
  const run = temporaryFolder();
  const sample = { stage: 'student' as const, step: 200, id: 'scene-7', layers: [image, difficulty] };
  const layers = writeSample(run, sample);
  for (const layer of layers) layerSchema.parse(layer);
  assert.equal(layers[0]!.file, 'samples/student-000200/scene-7/image.bin');
  const back = await readSample(run, { kind: 'sample', at: 1, ...sample, layers });
  assert.deepEqual(
    back.map((l) => l.name),
    ['image', 'difficulty'],
  );
  assert.deepEqual(new Uint8Array(back[0]!.data), image.data);
  assert.deepEqual([...new Float32Array(back[1]!.data)], [0.25, 0.75]);
});

test('a large sample is seen coarsely first: every n-th pixel of what is drawn, and how large it is', async () => {
  const run = temporaryFolder();
  const [height, width] = [600, 1200];
  const at = (x: number, y: number, c = 0) => (x + 3 * y + 7 * c) % 251;
  const plane = (channels: number) =>
    Uint8Array.from({ length: height * width * channels }, (_, i) => {
      const p = Math.floor(i / channels);
      return at(p % width, Math.floor(p / width), i % channels);
    });
  const bytes = (name: 'image' | 'label' | 'studentTop', channels: number) => ({
    name,
    dtype: 'uint8' as const,
    height,
    width,
    channels,
    data: plane(channels),
  });
  const weight = { ...difficulty, name: 'weight' as const, height, width, data: Float32Array.from(plane(1)) };
  const sample = { stage: 'student' as const, step: 1, id: 'street' };
  const write = (layers: LayerContents[]) => ({
    kind: 'sample' as const,
    at: 1,
    ...sample,
    layers: writeSample(run, { ...sample, layers }),
  });
  const { of, layers } = await readContents(
    run,
    write([bytes('image', 3), bytes('label', 1), bytes('studentTop', 6), weight, difficulty]),
    true,
  );
  assert.deepEqual(of, { height, width });
  assert.deepEqual(
    layers.map(({ name, height, width, data }) => [name, height, width, data.byteLength]),
    [
      ['image', 200, 400, 200 * 400 * 3],
      ['label', 200, 400, 200 * 400],
      ['weight', 200, 400, 200 * 400 * 4],
      ['difficulty', 1, 2, 8],
    ],
  );
  const [image, label, weights] = layers;
  assert.equal(new Uint8Array(image!.data)[(5 * 400 + 7) * 3 + 2], at(21, 15, 2));
  assert.equal(new Uint8Array(label!.data)[199 * 400 + 399], at(1197, 597));
  assert.equal(new Float32Array(weights!.data)[400], at(0, 3));
  const small = await readContents(run, write([difficulty]), true);
  assert.equal(small.of, undefined);
  assert.equal(small.layers.length, 1);
});

test('samples of the same step stay apart, whatever their ids', async () => {
  const run = temporaryFolder();
  const files = ['a/b', 'a-b', '../../evil', 'ä b', 'ö b', '.hidden', 'x'.repeat(300)].map((id, i) => {
    const [layer] = writeSample(run, {
      stage: 'student',
      step: 1,
      id,
      layers: [{ ...image, data: image.data.map(() => i) }],
    });
    layerSchema.parse(layer);
    return layer!;
  });
  assert.equal(new Set(files.map((l) => l.file)).size, files.length);
  for (const [i, layer] of files.entries())
    assert.equal(new Uint8Array((await readLayer(run, layer)).data)[0], i);
});

test('a picture that is missing, of the wrong size or outside of the run is refused', async () => {
  const run = temporaryFolder();
  const [layer] = writeSample(run, { stage: 'teacher', step: 1, id: 'a', layers: [image] });
  const file = join(run, layer!.file);
  truncateSync(file, 17);
  await assert.rejects(readLayer(run, layer!), { code: 'run-broken', message: /17 bytes.*takes 18/ });
  await assert.rejects(readLayer(run, { ...layer!, height: 4096, width: 4096 }), { code: 'run-broken' });
  rmSync(file);
  await assert.rejects(readLayer(run, layer!), { code: 'run-broken', message: /missing/ });
  writeFileSync(join(dirname(run), 'secret'), new Uint8Array(18));
  await assert.rejects(readLayer(run, { ...layer!, file: 'samples/../../secret' }), {
    code: 'run-broken',
    message: /outside/,
  });
  rmSync(join(dirname(run), 'secret'));
});

test('a layer whose data does not fit its shape is a mistake of the program', () => {
  assert.throws(
    () =>
      writeSample(temporaryFolder(), {
        stage: 'student',
        step: 1,
        id: 'a',
        layers: [{ ...image, width: 4 }],
      }),
    RangeError,
  );
});
