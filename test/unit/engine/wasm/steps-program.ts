import type { Batch } from '../../../../src/data/dataset';
import { createMethods } from '../../../../src/distill/methods/registry';
import { Sgd } from '../../../../src/distill/optimizer';
import { segmenterSpec } from '../../../../src/distill/stages';
import { trainStep } from '../../../../src/distill/step';
import { openEngine } from '../../../../src/engine/open';
import { RandomStream, RandomStreams } from '../../../../src/engine/random';
import { buildSegmenter } from '../../../../src/nn/registry';
import { configSchema } from '../../../../src/protocol/config';

/** What the parent process asks for. */
export interface StepsRequest {
  config: unknown;
  classes: number;
  stage: 'teacher' | 'student';
  steps: number;
}

export interface StepsReport {
  /** Bytes of the heap after each step; it never shrinks, so that each is the peak so far. */
  heap: number[];
  /** Tensors that live after each step. */
  tensors: number[];
  losses: number[];
}

/** Trains some steps on noise in a process of its own, where the heap is nobody else's, and prints a report. */
async function main(): Promise<void> {
  const { config: written, classes, stage, steps } = JSON.parse(process.argv[2]!) as StepsRequest;
  const config = configSchema.parse(written);
  const engine = await openEngine('wasm');
  const { tf } = engine;
  const { seed, batch: n, crop, lr, momentum, weightDecay, iterations } = config.training;
  const methods = createMethods(config, classes);
  const extra = Math.max(0, ...methods.map((m) => m.teacherExtraChannels ?? 0));
  const build = (role: 'teacher' | 'student') =>
    buildSegmenter(engine, segmenterSpec(config, role, classes, extra), RandomStream.seeded(seed, role));
  const teacher = config.methods.length > 0 ? build('teacher') : null;
  const network = stage === 'teacher' ? teacher! : build('student');
  const optimizer = new Sgd(engine, network, { momentum, weightDecay });
  const [height, width] = crop;
  const noise = RandomStream.seeded(seed, 'noise');
  const batch = {
    n,
    height,
    width,
    images: noise.fillNormal(new Float32Array(n * height * width * 3)),
    labels: Int32Array.from({ length: n * height * width }, () => noise.int(classes + 1) - 1),
    ids: Array.from({ length: n }, (_, i) => `noise ${i}`),
  } as unknown as Batch;
  const context = { engine, config, stage, iterations, classes, random: new RandomStreams(seed) };
  const heapBytes = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
  const report: StepsReport = { heap: [], tensors: [], losses: [] };
  for (let step = 1; step <= steps; step++) {
    const { loss } = await trainStep({ ...context, step }, batch, {
      network,
      teacher: stage === 'student' ? teacher : null,
      methods,
      optimizer,
      lr,
      dropout: noise,
    });
    report.heap.push(heapBytes());
    report.tensors.push(tf.memory().numTensors);
    report.losses.push(loss);
  }
  console.log(JSON.stringify(report));
}

void main();
