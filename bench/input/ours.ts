import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CropMaker } from '../../src/data/augment/crop';
import { drawAugment } from '../../src/data/augment/draw';
import { resolveAugment } from '../../src/data/augment/options';
import { createBatchLoader } from '../../src/data/loader';
import { openDataset } from '../../src/data/open';
import { openEngine } from '../../src/engine/open';
import { RandomStream } from '../../src/engine/random';
import { Training } from '../ours/training';
import { encodePng } from './png';
import type { InputAnswers, InputRequest } from './protocol';

const SEED = 7;

async function load({
  loading,
  root,
  cacheMiB,
  workers,
  warmUp,
  batches,
}: Extract<InputRequest, { do: 'load' }>): Promise<InputAnswers['load']> {
  const { kind, style, crop, batch } = loading;
  const dataset = await openDataset({ kind, root, cacheMiB, onProblem: 'stop' }, root);
  const loader = createBatchLoader({
    dataset,
    batch,
    augment: { style, crop },
    seed: SEED,
    stage: 'student',
    workers,
  });
  try {
    for (let i = 0; i < warmUp; i++) await loader.next();
    const [began, used] = [performance.now(), process.cpuUsage()];
    let shape: number[] = [];
    for (let i = 0; i < batches; i++) {
      const { n, height, width } = await loader.next();
      shape = [n, height, width, 3];
    }
    const { user, system } = process.cpuUsage(used);
    const images = batches * batch;
    return { ms: (performance.now() - began) / images, cpu: (user + system) / 1000 / images, shape };
  } finally {
    await loader.close();
  }
}

async function crops({
  loading,
  root,
  count,
  folder,
}: Extract<InputRequest, { do: 'crops' }>): Promise<InputAnswers['crops']> {
  const { kind, style, crop } = loading;
  const dataset = await openDataset({ kind, root, cacheMiB: 0, onProblem: 'stop' }, root);
  const options = resolveAugment({ style, crop }, kind);
  const maker = new CropMaker(options);
  const draws = [];
  for (let i = 0; i < count; i++) {
    const sample = await dataset.load('train', i);
    const draw = drawAugment(sample.label, options, RandomStream.seeded(SEED, `crops/${i}`));
    const images = new Float32Array(crop[0] * crop[1] * 3);
    const labels = new Int32Array(crop[0] * crop[1]);
    maker.make(sample, draw, images, labels);
    writeFileSync(join(folder, `${i}.f32`), images);
    writeFileSync(join(folder, `${i}.i32`), labels);
    const { image, label } = dataset.layout!.samples.train[i]!;
    draws.push({ image, label, ...draw });
  }
  writeFileSync(join(folder, 'draws.json'), JSON.stringify(draws));
  return {};
}

/** The loader as a run opens it, before steps as a run takes them. */
async function stall({
  root,
  engine: name,
  steps,
}: Extract<InputRequest, { do: 'stall' }>): Promise<InputAnswers['stall']> {
  const size = 256;
  const engine = await openEngine(name);
  const dataset = await openDataset({ kind: 'camvid', root, onProblem: 'stop' }, root);
  const training = await Training.open(engine, { name: 'student', size }, undefined);
  const loader = createBatchLoader({
    dataset,
    batch: 2,
    augment: { crop: [size, size] },
    seed: SEED,
    stage: 'student',
  });
  try {
    let [waited, total] = [0, 0];
    for (let i = -3; i < steps; i++) {
      const began = performance.now();
      const batch = await loader.next();
      const there = performance.now();
      await training.step(batch);
      if (i < 0) continue;
      waited += there - began;
      total += performance.now() - began;
    }
    return { share: waited / total, ms: total / steps, engine: engine.describe().summary };
  } finally {
    await loader.close();
  }
}

async function memory({ batches }: Extract<InputRequest, { do: 'memory' }>): Promise<InputAnswers['memory']> {
  const root = mkdtempSync(join(tmpdir(), 'distill-bench-memory-'));
  try {
    smallImages(root);
    const dataset = await openDataset({ kind: 'folder', root, cacheMiB: 0, onProblem: 'stop' }, root);
    const augment = { style: 'mmseg', crop: [96, 96] as [number, number] } as const;
    const loader = createBatchLoader({
      dataset,
      batch: 4,
      augment,
      seed: SEED,
      stage: 'student',
      workers: 2,
    });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const mib: number[] = [];
    for (let i = 1; i <= batches; i++) {
      await loader.next();
      if (i % (batches / 10) > 0) continue;
      collect();
      mib.push(process.memoryUsage.rss() / 2 ** 20);
    }
    await loader.close();
    return { mib };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Sixteen of noise, 160 x 128. */
function smallImages(root: string): void {
  const random = RandomStream.seeded(SEED, 'noise');
  const classes = ['a', 'b', 'c'].map((name, i) => ({ name, color: [i, i, i] }));
  for (const split of ['train', 'val'])
    for (let i = 0; i < 16; i++)
      for (const [folder, channels, values] of [
        ['images', 3, 256],
        ['labels', 1, 3],
      ] as const) {
        mkdirSync(join(root, folder, split), { recursive: true });
        const data = Uint8Array.from({ length: 160 * 128 * channels }, () => random.int(values));
        writeFileSync(join(root, folder, split, `${i}.png`), encodePng(160, 128, channels, data));
      }
  writeFileSync(join(root, 'classes.json'), JSON.stringify(classes));
}

async function answer(request: InputRequest): Promise<InputAnswers[InputRequest['do']]> {
  switch (request.do) {
    case 'load':
      return load(request);
    case 'crops':
      return crops(request);
    case 'stall':
      return stall(request);
    case 'memory':
      return memory(request);
  }
  return request satisfies never;
}

answer(JSON.parse(process.argv[2]!) as InputRequest).then(
  (value) => process.stdout.write(`${JSON.stringify(value)}\n`, () => process.exit(0)),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
