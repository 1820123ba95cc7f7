import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { streetScene } from '../../samples/streets';
import { normalise } from '../../src/data/normalise';
import type { Engine } from '../../src/engine/engine';
import { openEngine } from '../../src/engine/open';
import { RandomStream } from '../../src/engine/random';
import type { SegmenterChoice } from '../../src/nn/networks';
import { buildSegmenter } from '../../src/nn/registry';
import type { Segmenter } from '../../src/nn/segmenter';
import { exportWeights } from '../../src/nn/weights/state';
import { writeBest } from '../../src/run/checkpoints';
import { writeManifest } from '../../src/run/manifest';
import { said } from '../unit/cli/said';
import { manifestOf, temporaryFolder } from '../unit/run/fixtures';
import { pythonWithTorch, withoutPyTorch } from './python';

/** Students of every style, on a backbone of every family, as `distill export` takes them from runs, in PyTorch's own modules. */
const STUDENTS: Pick<SegmenterChoice, 'model' | 'backbone' | 'style' | 'stem' | 'outputStride'>[] = [
  { model: 'deeplabv3', backbone: 'resnet18' },
  { model: 'pspnet', backbone: 'mobilenetv2' },
  { model: 'deeplabv3', backbone: 'resnet50', style: 'mmseg' },
  { model: 'pspnet', backbone: 'resnet18', style: 'mmseg', stem: '7x7', outputStride: 16 },
  { model: 'fcn', backbone: 'mobilenetv2', style: 'mmseg' },
  { model: 'stdc', backbone: 'stdc2' },
  { model: 'ocrnet', backbone: 'hrnetv2-w18-small' },
];
const CLASSES = 5;
/** Divides by no output stride. */
const [HEIGHT, WIDTH] = [51, 75];

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});

test('exported students load in PyTorch by their names and give the same logits within 1e-4', {
  skip: withoutPyTorch,
}, async () => {
  const folder = temporaryFolder();
  const rows = [];
  for (const [i, choice] of STUDENTS.entries()) {
    const segmenter = trained(choice);
    const weights = join(folder, `${i}.safetensors`);
    const { status, err } = await said('export', runOf(segmenter, folder, i), '--out', weights);
    assert.equal(status, 0, err);
    const x = scenes(['d', 'e'], HEIGHT, WIDTH);
    rows.push({
      weights,
      images: write(x, join(folder, `${i}.images`)),
      shape: [2, 3, HEIGHT, WIDTH],
      logits: write(segmenter.predict(x), join(folder, `${i}.logits`)),
    });
    segmenter.dispose();
  }
  const table = join(folder, 'table.json');
  writeFileSync(table, JSON.stringify(rows));
  const script = join(__dirname, 'pytorch', 'load_export.py');
  const printed = execFileSync(pythonWithTorch(), [script, table], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const results: { logits: number; difference: number }[] = JSON.parse(printed);
  assert.equal(results.length, STUDENTS.length);
  for (const [i, { logits, difference }] of results.entries()) {
    const what = `${JSON.stringify(STUDENTS[i])}: logits up to ${logits} differ by ${difference}`;
    assert.ok(logits > 0.01, what);
    assert.ok(difference <= 1e-4 * Math.min(1, logits), what);
  }
});

/** A network whose running statistics are those of images it has seen, so that its logits are of the size of a trained one's. */
function trained(choice: (typeof STUDENTS)[number]): Segmenter {
  const width = choice.backbone === 'resnet50' ? 0.0625 : 0.125;
  const spec = { ...choice, classes: CLASSES, inputChannels: 3, width };
  const segmenter = buildSegmenter(engine, spec, RandomStream.seeded(5, 'export'));
  const batch = scenes(['a', 'b', 'c'], 48, 64);
  for (let i = 0; i < 4; i++)
    engine.tf.tidy(() => void segmenter.forward(batch, { batchNorm: 'train', dropout: null }));
  return segmenter;
}

/** A finished run with these best weights of its student. */
function runOf(segmenter: Segmenter, folder: string, i: number): string {
  const run = join(folder, '.distill', 'runs', `20261122-12000${i}-kd`);
  mkdirSync(run, { recursive: true });
  writeManifest(run, manifestOf(`20261122-12000${i}-kd`, { status: 'finished' }));
  writeBest(run, 'student', exportWeights(segmenter));
  return run;
}

function scenes(names: string[], height: number, width: number): Tensor4D {
  const { tf } = engine;
  const rgb = (name: string) => Uint8Array.from(streetScene(1, name, width, height).rgb);
  return tf.stack(
    names.map((name) => tf.tensor3d(normalise({ width, height, data: rgb(name) }), [height, width, 3])),
  ) as Tensor4D;
}

/** Float32 in PyTorch's order. */
function write(x: Tensor4D, file: string): string {
  writeFileSync(file, engine.tf.transpose(x, [0, 3, 1, 2]).dataSync<'float32'>() as Float32Array);
  return file;
}
