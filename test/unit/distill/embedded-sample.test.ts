import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureSampleDataset } from '../../../samples/write';
import type { Dataset } from '../../../src/data/dataset';
import { openDataset } from '../../../src/data/open';
import type { ConfigInput } from '../../../src/protocol/config';
import { type Recorded, record, stepsOf, tinyConfig } from './support/runs';

/** Every network that is not a ResNet or MobileNetV2 learns the street scenes, by every method. */

const folder = mkdtempSync(join(tmpdir(), 'distill-scenes-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let dataset: Dataset;
before(async () => {
  const root = join(folder, 'scenes');
  await ensureSampleDataset(root, { size: [64, 64], train: 3, val: 1 });
  dataset = await openDataset({ kind: 'folder', root, onProblem: 'stop' }, folder);
});

const NETWORKS = [
  ['stdc', 'stdc1'],
  ['stdc', 'stdc2'],
  ['ocrnet', 'hrnetv2-w18-small'],
  ['ocrnet', 'hrnetv2-w18'],
  ['ocrnet', 'hrnetv2-w48'],
] as const;

/** The same three images in every step. */
const train = (
  [model, backbone]: (typeof NETWORKS)[number],
  iterations: number,
  methods: ConfigInput['methods'] = [],
) =>
  record(
    tinyConfig({
      student: { model, backbone, width: 0.0625 },
      methods,
      training: { iterations, batch: 3, crop: [64, 64], lr: 0.1, augment: { scale: false, flip: false } },
    }),
    { dataset },
  );

function lossesOf(run: Recorded, stage: 'teacher' | 'student'): number[] {
  return stepsOf(run)
    .filter((step) => step.stage === stage)
    .map(({ loss }) => loss);
}

for (const network of NETWORKS)
  test(`${network.join('-')} learns`, async () => {
    const losses = lossesOf(await train(network, 8), 'student');
    assert.equal(losses.length, 8);
    assert.ok(losses.every(Number.isFinite), `${losses}`);
    assert.ok(losses.at(-1)! < 0.9 * losses[0]!, `${losses}`);
  });

for (const network of [NETWORKS[0], NETWORKS[2]])
  test(`${network.join('-')} teaches and is taught by LAD and RDD together`, async () => {
    const run = await train(network, 5, [{ kind: 'lad' }, { kind: 'rdd', warmup: 0.4 }]);
    assert.deepEqual(
      stepsOf(run).map(({ phase }) => phase),
      [...Array(5).fill(undefined), 'tfe', 'tse', 'tse', 'tse', 'tse'],
    );
    const teacher = lossesOf(run, 'teacher');
    assert.ok(teacher.at(-1)! < teacher[0]!, `${teacher}`);
    for (const { stage, terms } of stepsOf(run)) {
      const expected = stage === 'teacher' ? ['consistency'] : ['kd', 'cwd'];
      for (const id of ['task', ...expected]) assert.ok(Number.isFinite(terms[id]), `${stage}: ${id}`);
    }
    const { layers } = run.samples.at(-1)!;
    for (const name of ['noise', 'difficulty', 'mask'])
      assert.ok(layers.some((layer) => layer.name === name));
  });
