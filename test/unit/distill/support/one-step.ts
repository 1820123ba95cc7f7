import { createBatchLoader } from '../../../../src/data/loader';
import { lossTerms } from '../../../../src/distill/loss-terms';
import type { MethodInstance, StepContext, ViewOutputs } from '../../../../src/distill/method';
import { createMethods } from '../../../../src/distill/methods/registry';
import { segmenterSpec } from '../../../../src/distill/stages';
import { teacherPass, viewOutputs, viewsOf } from '../../../../src/distill/views';
import { RandomStream, RandomStreams } from '../../../../src/engine/random';
import { buildSegmenter } from '../../../../src/nn/registry';
import type { Config } from '../../../../src/protocol/config';
import type { StageId } from '../../../../src/protocol/events';
import { engine as openEngine } from './runs';
import { CLASSES, sceneDataset } from './scenes';

export interface OneStep {
  ctx: StepContext;
  outputs: ViewOutputs[];
  methods: MethodInstance[];
  /** Weighted terms of the loss by id. */
  terms: Record<string, number>;
}

/**
 * Networks with fresh weights, one batch, and the terms of its loss, for a test that computes them again. `same`: the
 * student is its own teacher.
 */
export async function oneStep(
  config: Config,
  at: { stage: StageId; step?: number; same?: boolean },
  check: (step: OneStep) => void,
): Promise<void> {
  const engine = await openEngine();
  const { seed, batch: n, augment, crop, iterations } = config.training;
  const batch = await createBatchLoader({
    dataset: sceneDataset(),
    batch: n,
    augment: { ...augment, crop },
    seed,
    stage: at.stage,
  }).next();
  const methods = createMethods(config, CLASSES);
  const extra = Math.max(0, ...methods.map((m) => m.teacherExtraChannels ?? 0));
  const networks = (['teacher', 'student'] as const).map((role) =>
    buildSegmenter(
      engine,
      segmenterSpec(config, role, CLASSES, extra),
      RandomStream.seeded(seed, at.same ? 'both' : role),
    ),
  );
  const [teacher, student] = networks as [(typeof networks)[0], (typeof networks)[0]];
  for (const method of methods)
    method.setup?.({
      ...{ engine, config, stage: at.stage, classes: CLASSES, resumed: false },
      network: at.stage === 'teacher' ? teacher : student,
      teacher: at.stage === 'teacher' ? null : teacher,
      init: RandomStream.seeded(seed, method.id),
    });
  engine.tf.tidy(() => {
    const shape: [number, number, number] = [n, batch.height, batch.width];
    const ctx: StepContext = {
      engine,
      config,
      stage: at.stage,
      step: at.step ?? 1,
      iterations,
      classes: CLASSES,
      random: new RandomStreams(seed),
      labels: engine.tf.tensor3d(batch.labels, shape, 'int32'),
      batch,
    };
    const views = viewsOf(ctx, engine.tf.tensor4d(batch.images, [...shape, 3]), methods);
    const inTraining = at.stage === 'teacher' ? teacher : student;
    const taught = teacherPass(at.stage === 'teacher' ? null : teacher, views);
    const outputs = viewOutputs(ctx, inTraining, views, taught, { batchNorm: 'frozen', dropout: null });
    const terms = Object.fromEntries(
      [...lossTerms(ctx, outputs, methods)].map(([id, value]) => [id, value.dataSync()[0]!]),
    );
    check({ ctx, outputs, methods, terms });
  });
  for (const { dispose } of [...networks, ...methods]) dispose?.();
}

/** Asserts equality up to the rounding of float32. */
export function near(actual: number | undefined, expected: number): void {
  const difference = Math.abs(actual! - expected);
  if (!(difference <= 1e-5 * Math.max(1, Math.abs(expected))))
    throw new Error(`${actual} is not ${expected}`);
}
