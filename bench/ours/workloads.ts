import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample } from '../../src/data/dataset';
import { predict } from '../../src/distill/evaluate';
import type { MethodInstance } from '../../src/distill/method';
import { segmenterSpec } from '../../src/distill/stages';
import type { Engine } from '../../src/engine/engine';
import { RandomStream, RandomStreams } from '../../src/engine/random';
import { buildSegmenter } from '../../src/nn/registry';
import type { Segmenter } from '../../src/nn/segmenter';
import { encodeSafetensors, float32Tensor, type SafeTensor } from '../../src/nn/weights/safetensors';
import { exportWeights } from '../../src/nn/weights/state';
import type { Figures } from '../protocol';
import { BATCH, CLASSES, configOf, type Workload } from '../workload';
import { batchOf, sampleOf } from './batch';
import { settleStatistics } from './settle';
import { Training } from './training';

/** One kind of work in this process, from prepared weights and inputs that are in memory. */
export interface Prepared {
  /** What is timed. */
  run(): Promise<void>;
  /** First steps without dropout, with everything else that is random written down for the other side. */
  check(steps: number): Promise<Figures[]>;
}

export interface Preparation {
  engine: Engine;
  workload: Workload;
  folder: string;
  /** Whether weights are written into the folder; inputs always are. */
  weights: boolean;
}

export async function prepare(preparation: Preparation): Promise<Prepared> {
  return preparation.workload.name === 'evaluation'
    ? prepareEvaluation(preparation)
    : prepareTraining(preparation);
}

async function prepareTraining({ engine, workload, folder, weights }: Preparation): Promise<Prepared> {
  const { size, name } = workload;
  const batch = batchOf(Array.from({ length: BATCH }, (_, i) => sampleOf(`${i}`, size)));
  const shape = [BATCH, size, size];
  writeTensors(folder, 'inputs', {
    images: float32Tensor([...shape, 3], batch.images),
    labels: { dtype: 'I32', shape, bytes: bytesOf(batch.labels) },
  });
  const teacher = name === 'rdd' ? exportAndDispose(settledNetwork(engine, workload, 'teacher')) : undefined;
  const training = await Training.open(engine, workload, teacher);
  if (weights) {
    if (teacher) writeFileSync(join(folder, 'teacher.safetensors'), teacher);
    for (const [file, bytes] of Object.entries(training.weights())) writeFileSync(join(folder, file), bytes);
  }
  return {
    run: async () => void (await training.step(batch)),
    async check(steps) {
      const noise: Float32Array[] = [];
      const methods = training.methods.map((method) => recordLabelChannels(method, noise));
      const figures: Figures[] = [];
      for (let i = 0; i < steps; i++) figures.push(await training.step(batch, { dropout: false, methods }));
      if (noise.length > 0)
        writeTensors(folder, 'noise', {
          channels: float32Tensor([steps, noise.length / steps, ...shape], concatenated(noise)),
        });
      return figures;
    },
  };
}

/** The method, but the fourth channel of every view it makes is kept: the noised label of LAD. */
function recordLabelChannels(method: MethodInstance, into: Float32Array[]): MethodInstance {
  if (!method.views) return method;
  return {
    ...method,
    views(ctx, images) {
      const views = method.views!(ctx, images);
      for (const { input } of views ?? []) {
        const [n, h, w] = input.shape;
        into.push(ctx.engine.tf.slice(input, [0, 0, 0, 3], [n, h, w, 1]).dataSync<'float32'>().slice());
      }
      return views;
    },
  };
}

async function prepareEvaluation({ engine, workload, folder, weights }: Preparation): Promise<Prepared> {
  const { size } = workload;
  const sample = sampleOf('0', size);
  const network = settledNetwork(engine, workload, 'student');
  writeTensors(folder, 'inputs', {
    image: { dtype: 'U8', shape: [size, size, 3], bytes: sample.image.data },
  });
  if (weights) writeFileSync(join(folder, 'student.safetensors'), exportWeights(network));
  const viewer = { engine, network, role: 'student' as const, methods: [], seed: 1 };
  const classify = () => predict(viewer, sample, new RandomStreams(1));
  return {
    run: async () => void (await classify()),
    check: async () => [{ logits: logitsOf(engine, network, sample), classes: mean(await classify()) }],
  };
}

/** Root mean square. */
function logitsOf({ tf }: Engine, network: Segmenter, sample: Sample): number {
  return tf.tidy(() => {
    const { images, n, height, width } = batchOf([sample]);
    const { logits } = network.forward(tf.tensor4d(images, [n, height, width, 3]), {
      batchNorm: 'frozen',
      dropout: null,
    });
    return tf.sqrt(tf.mean(tf.square(logits))).dataSync()[0]!;
  });
}

function settledNetwork(engine: Engine, workload: Workload, role: 'teacher' | 'student'): Segmenter {
  const spec = segmenterSpec(configOf(workload), role, CLASSES, 0);
  const network = buildSegmenter(engine, spec, RandomStream.seeded(1, `bench/${role}`));
  const { images, n, height, width } = batchOf([sampleOf('a', workload.size), sampleOf('b', workload.size)]);
  engine.tf.tidy(() => settleStatistics(engine, network, engine.tf.tensor4d(images, [n, height, width, 3])));
  return network;
}

function exportAndDispose(network: Segmenter): Uint8Array {
  const bytes = exportWeights(network);
  network.dispose();
  return bytes;
}

function writeTensors(folder: string, name: string, tensors: Record<string, SafeTensor>): void {
  const file = encodeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: {} });
  writeFileSync(join(folder, `${name}.safetensors`), file);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.length * parts[0]!.length);
  for (const [i, part] of parts.entries()) out.set(part, i * part.length);
  return out;
}

function mean(values: Int32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
