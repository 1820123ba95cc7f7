import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBatchLoader } from '../../../src/data/loader';
import { createMethods } from '../../../src/distill/methods/registry';
import { Sgd } from '../../../src/distill/optimizer';
import { segmenterSpec } from '../../../src/distill/stages';
import { trainStep } from '../../../src/distill/step';
import { openEngine } from '../../../src/engine/open';
import { RandomStream, RandomStreams } from '../../../src/engine/random';
import { buildSegmenter } from '../../../src/nn/registry';
import { configSchema } from '../../../src/protocol/config';
import { useSoftwareAdapter } from '../../lib/software-gpu';
import { CLASSES, sceneDataset } from '../distill/support/scenes';

/** A software adapter takes a second per step; more, once, by hand: DISTILL_WEBGPU_STEPS=200. */
const STEPS = Number(process.env.DISTILL_WEBGPU_STEPS ?? 8);
const skip = useSoftwareAdapter();

describe('steps on the webgpu engine', { skip }, () => {
  it(`leave no tensor and no memory behind over ${STEPS} steps of RDD`, async () => {
    const engine = await openEngine('webgpu');
    const { tf } = engine;
    const config = configSchema.parse({
      dataset: { kind: 'sample' },
      methods: [{ kind: 'rdd' }],
      student: { width: 0.0625 },
      teacher: { width: 0.0625 },
      training: { iterations: STEPS, batch: 2, crop: [16, 16] },
    });
    const { seed, augment, crop, batch, lr } = config.training;
    const loader = createBatchLoader({
      dataset: sceneDataset(),
      batch,
      augment: { ...augment, crop },
      seed,
      stage: 'student',
    });
    const [teacher, student] = (['teacher', 'student'] as const).map((role) =>
      buildSegmenter(engine, segmenterSpec(config, role, CLASSES, 0), RandomStream.seeded(seed, role)),
    ) as [ReturnType<typeof buildSegmenter>, ReturnType<typeof buildSegmenter>];
    const optimizer = new Sgd(engine, student, config.training);
    const random = new RandomStreams(seed);
    const parts = {
      network: student,
      teacher,
      methods: createMethods(config, CLASSES),
      optimizer,
      lr,
      dropout: random.stream('dropout'),
    };
    const held: object[] = [];
    for (let step = 1; step <= STEPS; step++) {
      const context = {
        engine,
        config,
        stage: 'student',
        step,
        iterations: STEPS,
        classes: CLASSES,
        random,
      } as const;
      const { loss } = await trainStep(context, await loader.next(), parts);
      assert.ok(Number.isFinite(loss), `step ${step}: ${loss}`);
      const { numTensors, numBytes, numDataBuffers } = tf.memory();
      held.push({ numTensors, numBytes, numDataBuffers });
    }
    // The first steps may fill caches.
    for (const [i, state] of held.entries())
      if (i >= 2) assert.deepEqual(state, held[1], `after step ${i + 1}`);
  });
});
