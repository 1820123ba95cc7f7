import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Batch, Sample } from '../../../src/data/dataset';
import { resolveRdd } from '../../../src/distill/methods/rdd-options';
import { openSession } from '../../../src/distill/session';
import { StageTraining } from '../../../src/distill/stage-training';
import type { Engine } from '../../../src/engine/engine';
import { openWeights } from '../../../src/nn/weights/open';
import { encodeSafetensors, float32Tensor, type SafeTensor } from '../../../src/nn/weights/safetensors';
import { exportWeights } from '../../../src/nn/weights/state';
import { type Config, configSchema } from '../../../src/protocol/config';
import { memoryDataset, numberedClasses } from '../../lib/memory-dataset';
import { silentHost } from '../../lib/silent-host';
import { CASES } from './cases';
import type { Curve, Weights } from './compare';
import { recordedPermutations, recording } from './recording';

/** What is common to the cases of a comparison. */
export interface Setting {
  /** Where weights, batches and results lie. */
  folder: string;
  python: string;
  classes: number;
  width: number;
  size: number;
  batch: number;
  steps: number;
}

/** One training, by us and by PyTorch from the same weights on the same batches. */
export interface Trajectory {
  name: string;
  ours: Curve;
  /** PyTorch in the precision that ours has, or as near to the truth as it goes. */
  pytorch: Record<Precision, Curve>;
  /** The weights after the last step. */
  weights: Record<'ours' | Precision, Weights>;
}

export type Precision = 'float32' | 'float64';

const script = resolve(__dirname, '../pytorch/trajectories.py');

/** Initial weights and batches, by PyTorch. */
export function prepare({ folder, python, classes, width, size, batch, steps }: Setting): void {
  mkdirSync(folder, { recursive: true });
  const numbers = [classes, width, size, batch, steps].map(String);
  execFileSync(python, [script, 'prepare', folder, ...numbers], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Trains every case with our trainer, then all of them in one PyTorch, whose start takes longer than a training.
 * Precisions that are not asked for are empty.
 */
export async function follow(
  engine: Engine,
  setting: Setting,
  precisions: readonly Precision[],
): Promise<Trajectory[]> {
  const { folder, python } = setting;
  const names = Object.keys(CASES);
  const ours = new Map<string, { curve: Curve; weights: Weights }>();
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    ours.set(name, await train(engine, setting, name));
  }
  execFileSync(python, [script, 'train', folder, names.join(','), ...precisions], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return names.map((name) => {
    const place = join(folder, name);
    const { curve, weights } = ours.get(name)!;
    const curves = JSON.parse(readFileSync(join(place, 'pytorch.json'), 'utf8')) as Record<string, Curve>;
    const final = (precision: Precision): Weights =>
      precisions.includes(precision) ? tensorsOf(join(place, `pytorch-${precision}.pth`)) : new Map();
    return {
      name,
      ours: curve,
      pytorch: { float32: curves.float32 ?? [], float64: curves.float64 ?? [] },
      weights: { ours: weights, float32: final('float32'), float64: final('float64') },
    };
  });
}

async function train(engine: Engine, setting: Setting, name: string) {
  const { folder, classes, steps } = setting;
  const { stage, methods, network, teacher, inputs, teacherInputs } = CASES[name]!;
  const place = join(folder, name);
  const config = configSchema.parse({
    dataset: { kind: 'sample' },
    methods,
    // Both begin from files, the network in training, too.
    student: { width: setting.width, checkpoint: 'student.pth' },
    teacher: { width: setting.width, checkpoint: 'teacher.pth' },
    training: {
      iterations: steps,
      batch: setting.batch,
      crop: [setting.size, setting.size],
      lr: 0.005,
      augment: { scale: false, flip: false },
    },
  });
  const batches = batchesOf(setting);
  const opened = (file: string | undefined) =>
    file === undefined ? undefined : { file: openWeights(join(folder, `${file}.pth`)), whole: true };
  const roles =
    stage === 'teacher'
      ? { teacher: opened(network) }
      : { teacher: opened(teacher), student: opened(network) };
  const session = await openSession({
    engine,
    config,
    dataset: unread(classes, batches[0]!),
    host: silentHost,
    initial: roles,
  });
  // A teacher that has weights has no stage of its own; here it is trained on from them.
  const plan = session.stages.find((p) => p.stage === stage) ?? {
    stage,
    trains: stage,
    iterations: steps,
  };
  const channels: Float32Array[] = [];
  session.methods.splice(0, session.methods.length, ...session.methods.map((m) => recording(m, channels)));
  const training = new StageTraining(session, plan);
  const begun = new Map(
    session.methods
      .flatMap((method) => [...(method.arrays?.() ?? [])])
      .map(([array, { shape, read }]) => [array, float32Tensor(shape, read().slice())]),
  );
  const draws = recordedPermutations();
  const curve: Curve = [];
  try {
    for (const [i, batch] of batches.entries()) {
      const { loss, terms } = await training.step(i + 1, batch, { dropout: false });
      curve.push({ loss, ...terms });
    }
    const bytes = exportWeights(session.networks[plan.trains]!);
    writeFileSync(join(place, 'ours.safetensors'), bytes);
  } finally {
    draws.end();
    training.dispose();
    for (const made of Object.values(session.networks)) made?.dispose();
    for (const initial of Object.values(roles)) initial?.file.close();
  }
  const { lr, momentum, weightDecay, power } = config.training;
  writeGiven(place, setting, channels, begun);
  writeFileSync(join(place, 'draws.json'), JSON.stringify(draws.made));
  writeFileSync(
    join(place, 'case.json'),
    JSON.stringify({
      ...{ classes, width: setting.width, steps, network, teacher, inputs, teacherInputs },
      ...{ lr, momentum, weightDecay, power, auxWeight: 0.4 },
      ...optionsOf(config, classes),
    }),
  );
  return { curve, weights: tensorsOf(join(place, 'ours.safetensors')) };
}

/** A session needs a dataset to be opened; nothing is read from it. */
function unread(classes: number, { height, width }: Batch) {
  const shown: Sample = {
    id: 'shown',
    image: { width, height, data: new Uint8Array(3 * width * height) },
    label: { width, height, data: new Int8Array(width * height) },
  };
  return memoryDataset('trajectories', numberedClasses(classes), { train: [shown], val: [shown] });
}

/** What the other side has to know of the methods. */
function optionsOf(config: Config, classes: number): object {
  const options = config.methods.map((method) => {
    if (method.kind === 'cirkd') return method.memory;
    if (method.kind !== 'rdd') return {};
    const { warmup, tse } = resolveRdd(method, config, classes);
    return { warmup, threshold: tse.threshold, minKept: tse.minKept };
  });
  return Object.assign({}, ...options);
}

function writeGiven(
  place: string,
  { steps, batch, size }: Setting,
  channels: readonly Float32Array[],
  begun: ReadonlyMap<string, SafeTensor>,
): void {
  const tensors = new Map(begun);
  if (channels.length > 0) {
    const all = new Float32Array(channels.length * channels[0]!.length);
    for (const [i, channel] of channels.entries()) all.set(channel, i * channel.length);
    tensors.set('channels', float32Tensor([steps, channels.length / steps, batch, size, size], all));
  }
  writeFileSync(join(place, 'given.safetensors'), encodeSafetensors({ tensors, metadata: {} }));
}

function batchesOf({ folder, steps, batch, size }: Setting): Batch[] {
  const stored = tensorsOf(join(folder, 'batches.pth'));
  const images = stored.get('images')!;
  const labels = stored.get('labels')!;
  const pixels = batch * size * size;
  return Array.from({ length: steps }, (_, i) => ({
    ids: [`batch ${i}`],
    images: images.slice(3 * i * pixels, 3 * (i + 1) * pixels),
    labels: Int32Array.from(labels.subarray(i * pixels, (i + 1) * pixels)),
    ...{ n: batch, height: size, width: size },
  }));
}

function tensorsOf(file: string): Map<string, Float32Array> {
  const opened = openWeights(file);
  try {
    return new Map(
      [...opened.tensors]
        .filter(([name]) => !name.endsWith('num_batches_tracked'))
        .map(([name, tensor]) => [name, tensor.read()]),
    );
  } finally {
    opened.close();
  }
}
