import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { decode, encode } from 'fast-png';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { streetScene } from '../../../samples/streets';
import { normalise } from '../../../src/data/normalise';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  toFloat32,
} from '../../../src/nn/weights/safetensors';
import { exportWeights } from '../../../src/nn/weights/state';
import { writeBest, writeCheckpoint } from '../../../src/run/checkpoints';
import { writeManifest } from '../../../src/run/manifest';
import { manifestOf, temporaryFolder } from '../run/fixtures';
import { said } from './said';

const workspace = temporaryFolder();
const run = join(workspace, '.distill', 'runs', '20261122-120000-kd');
const classes = [
  { name: 'road', color: [128, 64, 128] as [number, number, number] },
  { name: 'sky', color: [70, 130, 180] as [number, number, number] },
  { name: 'tree', color: [107, 142, 35] as [number, number, number] },
];
let student: Uint8Array;
let teacher: Uint8Array;

before(async () => {
  const engine = await openEngine('wasm');
  const weights = (width: number, seed: number) => {
    const spec = { model: 'pspnet', backbone: 'resnet18', classes: 3, inputChannels: 3, width } as const;
    return exportWeights(buildSegmenter(engine, spec, RandomStream.seeded(seed, 'test')));
  };
  [student, teacher] = [weights(0.0625, 1), weights(0.125, 2)];
  mkdirSync(run, { recursive: true });
  writeManifest(run, manifestOf('20261122-120000-kd', { classes, status: 'finished' }));
  const other = encodeSafetensors({
    tensors: new Map([['adapter.weight', float32Tensor([1], Float32Array.of(1))]]),
    metadata: {},
  });
  const files = { 'student.safetensors': student, 'teacher.safetensors': teacher };
  writeCheckpoint(run, { stage: 'student', step: 10, files: { ...files, 'adapters.safetensors': other } });
  writeBest(run, 'student', student);
});

test('the student, the teacher or both, by the id of a run, its folder, a checkpoint or a file', async () => {
  const out = temporaryFolder();
  const names = (file: string) => [...decodeSafetensors(readFileSync(file), file).tensors.keys()];
  const of = (bytes: Uint8Array) => [...decodeSafetensors(bytes, 'x').tensors.keys()];
  const best = join(run, 'checkpoints', 'best', 'student.safetensors');
  for (const [i, reference] of ['kd', run, join(run, 'checkpoints', 'student-000010'), best].entries()) {
    const file = join(out, `${i}.safetensors`);
    const {
      status,
      out: text,
      err,
    } = await said('export', reference, '--workspace', workspace, '--out', file);
    assert.equal(status, 0, err);
    assert.equal(text, `${file}\n`);
    assert.deepEqual(names(file), of(student));
    const { metadata, tensors } = decodeSafetensors(readFileSync(file), file);
    const bias = (table: typeof tensors) => toFloat32('bias', table.get('head.classifier.bias')!, 'x');
    assert.deepEqual(bias(tensors), bias(decodeSafetensors(student, 'x').tensors));
    assert.deepEqual(JSON.parse(metadata.classes!), ['road', 'sky', 'tree']);
    assert.deepEqual(
      JSON.parse(metadata.palette!),
      classes.map(({ color }) => color),
    );
    assert.deepEqual(JSON.parse(metadata.preprocessing!).channels, ['B', 'G', 'R']);
  }
  const both = join(out, 'both');
  const { status } = await said('export', run, '--what', 'both', '--format', 'onnx', '--out', both);
  assert.equal(status, 0);
  assert.deepEqual(readdirSync(both).sort(), ['student.onnx', 'teacher.onnx']);
  const size = (name: string) => readFileSync(join(both, name)).length;
  assert.ok(size('teacher.onnx') > 2 * size('student.onnx'));
});

test('adapters, discriminators and queues never leave with the student', async () => {
  const { tensors, metadata } = decodeSafetensors(student, 'x');
  for (const name of ['adapter.0.weight', 'discriminator.layer1.weight', 'queue', 'auxlayer.queue'])
    tensors.set(name, float32Tensor([2], Float32Array.of(1, 2)));
  const folder = temporaryFolder();
  const mixed = join(folder, 'mixed.safetensors');
  writeFileSync(mixed, encodeSafetensors({ tensors, metadata }));
  for (const format of ['safetensors', 'onnx']) {
    const file = join(folder, `out.${format}`);
    assert.equal((await said('export', mixed, '--out', file)).status, 0);
    const text = readFileSync(file, 'latin1');
    assert.match(text, /pretrained\.layer4\.1\.conv2\.weight/);
    assert.doesNotMatch(text, /adapter|discriminator|queue/);
  }
});

test('mistakes, and what is not there: nothing is written', async () => {
  const out = temporaryFolder();
  const file = join(out, 'a.onnx');
  const best = join(run, 'checkpoints', 'best', 'student.safetensors');
  const { tensors } = decodeSafetensors(student, 'x');
  const foreign = join(workspace, 'foreign.safetensors');
  writeFileSync(foreign, encodeSafetensors({ tensors, metadata: {} }));
  tensors.delete('head.classifier.bias');
  const part = join(workspace, 'part.safetensors');
  writeFileSync(part, encodeSafetensors({ tensors, metadata: {} }));
  const spec = 'pspnet-resnet18:classes=3,width=0.0625';
  for (const [args, status, message] of [
    [[], 2, /Which run or checkpoint\?/],
    [[run], 2, /Where to\?/],
    [[run, '--out', join(out, 'a')], 2, /In which format\?/],
    [[run, '--out', file, '--format', 'tflite'], 2, /--format is safetensors or onnx, not "tflite"/],
    [[run, '--out', file, '--what', 'adapter'], 2, /--what is student or teacher or both/],
    [[best, '--out', file, '--what', 'teacher'], 2, /A file holds one network/],
    [[foreign, '--out', file], 2, /does not say which network it holds\. Say so with --as/],
    [[part, '--out', file, '--as', spec], 1, /does not hold the whole network: "head\.classifier\.bias"/],
    [['nothing', '--out', file, '--workspace', workspace], 1, /There is no run "nothing"/],
  ] as const) {
    const result = await said('export', ...args);
    assert.equal(result.status, status, args.join(' '));
    assert.match(result.err, message);
    assert.deepEqual(readdirSync(out), []);
  }
  assert.equal((await said('export', foreign, '--out', file, '--as', spec)).status, 0);
  const again = await said('export', run, '--out', file);
  assert.equal(again.status, 2);
  assert.match(again.err, /There is a file already/);
});

test('predicted index pictures are what the exported network computes, under the colours of the classes', async () => {
  const out = temporaryFolder();
  const pictures = join(out, 'pictures');
  mkdirSync(pictures);
  const [width, height] = [72, 56];
  const scenes = ['a', 'b'].map((name) => ({
    name,
    rgb: Uint8Array.from(streetScene(1, name, width, height).rgb),
  }));
  for (const { name, rgb } of scenes)
    writeFileSync(join(pictures, `${name}.png`), encode({ width, height, channels: 3, data: rgb }));
  writeFileSync(join(pictures, 'notes.txt'), 'not an image');
  const results = join(out, 'results');
  const { status, err } = await said(
    'predict',
    run,
    pictures,
    '--out',
    results,
    '--engine',
    'wasm',
    '--opacity',
    '0.25',
  );
  assert.equal(status, 0, err);
  assert.deepEqual(readdirSync(results).sort(), ['a-overlay.png', 'a.png', 'b-overlay.png', 'b.png']);

  const file = join(out, 'student.onnx');
  await said('export', run, '--out', file);
  const session = await InferenceSession.create(file);
  for (const { name, rgb } of scenes) {
    const index = decode(readFileSync(join(results, `${name}.png`)));
    assert.deepEqual(
      index.palette,
      classes.map(({ color }) => color),
    );
    const values = normalise({ width, height, data: rgb });
    const nchw = Float32Array.from(values, (_, i) => {
      const plane = width * height;
      return values[(i % plane) * 3 + Math.floor(i / plane)]!;
    });
    const { classes: labels } = await session.run({
      image: new Tensor('float32', nchw, [1, 3, height, width]),
    });
    const differing = index.data.filter((id, p) => id !== (labels!.data as Uint8Array)[p]).length;
    // Rounding may decide between two classes that are equal to six digits.
    assert.ok(differing <= 2, `${differing} pixels differ`);
    const overlay = decode(readFileSync(join(results, `${name}-overlay.png`)));
    for (const p of [0, 1000, 4000])
      for (let c = 0; c < 3; c++)
        assert.equal(
          overlay.data[3 * p + c],
          Math.round(0.75 * rgb[3 * p + c]! + 0.25 * classes[index.data[p]!]!.color[c]!),
        );
  }
});

test('predict: what cannot be done is told before anything is written', async () => {
  const out = temporaryFolder();
  const results = join(out, 'results');
  const image = join(out, 'a.png');
  writeFileSync(image, encode({ width: 16, height: 16, channels: 3, data: new Uint8Array(768) }));
  mkdirSync(join(out, 'empty'));
  const twins = ['x', 'y', 'z'].map((folder) => join(out, folder, 'a.png'));
  for (const [i, twin] of twins.entries()) {
    mkdirSync(join(out, ['x', 'y', 'z'][i]!));
    writeFileSync(twin, '');
  }
  for (const [args, status, message] of [
    [[], 2, /Which run or checkpoint\?/],
    [[run], 2, /Which images\?/],
    [[run, image], 2, /Where to\?/],
    [[run, image, '--out', results, '--opacity', '2'], 2, /--opacity is a number from 0 to 1/],
    [[run, image, '--out', results, '--what', 'both'], 2, /--what is student or teacher/],
    [[run, image, '--out', out], 2, /would replace the image/],
    [[run, join(out, 'none.png'), '--out', results], 1, /no such image or folder/],
    [[run, join(out, 'empty'), '--out', results], 1, /no PNG or JPEG images in this folder/],
    [[run, ...twins, '--out', results], 2, /would be written to the same file/],
    [[run, image, '--out', results, '--engine', 'steam'], 2, /no engine "steam"/],
  ] as const) {
    const result = await said('predict', ...args);
    assert.equal(result.status, status, args.join(' '));
    assert.match(result.err, message);
    assert.ok(!existsSync(results));
  }
  writeFileSync(image, 'no longer an image');
  const result = await said('predict', run, image, '--out', results, '--engine', 'wasm');
  assert.equal(result.status, 1);
  assert.match(result.err, /a\.png: .*neither PNG nor JPEG/);
});
