import type { Sample } from '../data/dataset';
import { emptySplit, loadUsable } from '../data/file-dataset';
import { RandomStream, RandomStreams } from '../engine/random';
import { buildSegmenter } from '../nn/registry';
import type { Segmenter } from '../nn/segmenter';
import { loadWeights } from '../nn/weights/state';
import { needsTeacher } from '../protocol/config';
import { DistillError } from '../protocol/errors';
import type { Role } from '../protocol/events';
import { type Best, readState, restoreWeights, type SavedState } from './checkpoint';
import type { InitialWeights, TrainingJob } from './host';
import type { MethodInstance } from './method';
import { createMethods } from './methods/registry';
import { Progress } from './progress';
import { planStages, type StagePlan, segmenterShape, segmenterSpec } from './stages';

/** What lives as long as a run: across its stages and between its steps. */
export interface Session {
  job: TrainingJob;
  stages: StagePlan[];
  methods: MethodInstance[];
  random: RandomStreams;
  /** Null until the stage that needs them. */
  networks: Record<Role, Segmenter | null>;
  best: Best;
  progress: Progress;
  /** The validation sample that is drawn again and again. */
  shown: Sample;
  /** Entries of `dataset.skipped` that have been told of. */
  told: number;
  /** The state that came with `job.resumeFrom`. */
  saved: SavedState | undefined;
}

/** Errors: config-invalid, checkpoint-broken, checkpoint-mismatch, dataset-empty and those of `Dataset.load`. */
export async function openSession(job: TrainingJob): Promise<Session> {
  const { config, dataset, resumeFrom } = job;
  const methods = createMethods(config, dataset.classes.length);
  const stages = planStages(config);
  const random = new RandomStreams(config.training.seed);
  const saved = resumeFrom && readState(resumeFrom, methods);
  if (saved) {
    checkPosition(job, stages);
    random.restore(saved.random);
    for (const [i, method] of methods.entries()) method.restore?.(saved.methods[i]!.state);
  }
  const shown = await firstUsable(job);
  return {
    job,
    stages,
    methods,
    random,
    networks: { teacher: null, student: null },
    best: saved?.best ?? {},
    progress: new Progress(workOf(job, stages, shown)),
    shown,
    told: 0,
    saved,
  };
}

/**
 * Builds the networks of a stage that are not there yet: from the checkpoint that is resumed, the one the configuration
 * names, or fresh weights.
 */
export function buildNetworks(session: Session, { stage }: StagePlan): void {
  const { config } = session.job;
  if (stage === 'teacher' || needsTeacher(config))
    session.networks.teacher ??= buildNetwork(session, 'teacher');
  if (stage === 'student') session.networks.student ??= buildNetwork(session, 'student');
}

function buildNetwork({ job, methods, random }: Session, role: Role): Segmenter {
  const { engine, config, dataset, resumeFrom } = job;
  const extra = Math.max(0, ...methods.map((method) => method.teacherExtraChannels ?? 0));
  const spec = segmenterSpec(config, role, dataset.classes.length, extra);
  const saved = role === 'teacher' || resumeFrom?.stage === 'student' ? resumeFrom : undefined;
  // A saved network needs no draws, and the saved streams have made them already.
  const init = saved ? RandomStream.seeded(config.training.seed, 'unused') : random.stream(`init/${role}`);
  const network = buildSegmenter(engine, spec, init);
  try {
    if (saved) restoreWeights(engine, network, role, saved);
    else if (config[role]?.checkpoint ?? config[role]?.init) {
      const { file, whole } = initialWeights(job, role);
      job.host.emit({ kind: 'weights', role, ...loadWeights(engine, network, file, { whole }) });
    }
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function initialWeights({ initial, config }: TrainingJob, role: Role): InitialWeights {
  const given = initial[role];
  if (given) return given;
  throw new DistillError('checkpoint-missing', `The weights of the ${role} were not read.`, {
    where: config[role]?.checkpoint ?? config[role]?.init,
    remedy: `Check the paths in "${role}".`,
  });
}

function checkPosition({ resumeFrom }: TrainingJob, stages: readonly StagePlan[]): void {
  const { stage, step } = resumeFrom!;
  const plan = stages.find((p) => p.stage === stage);
  if (!plan || step > plan.iterations)
    throw new DistillError(
      'checkpoint-mismatch',
      plan
        ? `The checkpoint is of step ${step}, the ${stage} stage of the configuration has ${plan.iterations}.`
        : `The checkpoint is of a ${stage} stage, which the configuration does not have.`,
      {
        where: `checkpoint ${stage}-${step}`,
        remedy: 'Start a new run with the changed configuration.',
      },
    );
}

async function firstUsable({ dataset }: TrainingJob): Promise<Sample> {
  for (let i = 0; i < dataset.ids('val').length; i++) {
    const sample = await loadUsable(dataset, 'val', i);
    if (sample) return sample;
  }
  throw emptySplit(dataset.root, 'val');
}

/** Costs in pixels times squared width: convolutions dominate, and a training pass is about three forward passes. */
function workOf({ config, dataset }: TrainingJob, stages: readonly StagePlan[], shown: Sample) {
  const { batch, crop, evaluateEvery, evaluateImages } = config.training;
  const pixels = batch * crop[0] * crop[1];
  const images = Math.min(evaluateImages ?? Number.POSITIVE_INFINITY, dataset.ids('val').length);
  const forward = (role: Role) => segmenterShape(config, role).width ** 2;
  return stages.map(({ stage, trains, iterations }) => ({
    stage,
    iterations,
    evaluateEvery,
    stepCost:
      pixels * (3 * forward(trains) + (stage === 'student' && needsTeacher(config) ? forward('teacher') : 0)),
    evaluationCost: images * shown.image.width * shown.image.height * forward(trains),
  }));
}
