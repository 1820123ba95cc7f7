import { setImmediate } from 'node:timers/promises';
import type { BatchLoader } from '../data/dataset';
import { loadUsable } from '../data/file-dataset';
import { createBatchLoader } from '../data/loader';
import { exportWeights } from '../nn/weights/state';
import { pixelsOf } from '../protocol/config-augment';
import type { Role } from '../protocol/events';
import { evaluate } from './evaluate';
import { buildNetworks, type Session } from './session';
import { StageTraining } from './stage-training';
import type { StagePlan } from './stages';

/** Samples left out that one warning explains. */
const NAMED = 3;

/** What lives as long as a stage. */
interface StageRun {
  session: Session;
  plan: StagePlan;
  training: StageTraining;
  loader: BatchLoader;
}

/** Trains one stage to its end, or until a stop is asked for. Goes on from the checkpoint if that is of this stage. */
export async function runStage(session: Session, index: number): Promise<'done' | 'stopped'> {
  const { job, saved } = session;
  const { config, dataset, host } = job;
  const plan = session.stages[index]!;
  const { stage, trains, iterations } = plan;
  const resumed = job.resumeFrom?.stage === stage ? job.resumeFrom : undefined;
  const from = resumed?.step ?? 0;
  buildNetworks(session, plan);
  if (from === iterations) return 'done';

  // Streams of their own per stage: a student sees the same batches whether a teacher was trained before it or not.
  const loader = createBatchLoader({
    dataset,
    batch: config.training.batch,
    augment: { ...config.training.augment, crop: config.training.crop },
    seed: config.training.seed,
    stage,
    workers: config.dataset.workers,
  });
  let training: StageTraining | undefined;
  try {
    training = new StageTraining(session, plan);
    const run: StageRun = { session, plan, training, loader };
    if (resumed) {
      training.restore(resumed);
      loader.restore(saved!.loader);
    }
    host.emit({ kind: 'stage', stage, trains, index, stages: session.stages.length, iterations, from });
    tellSkipped(session);
    if (from === 0) await introduce(run);
    const lastStage = index === session.stages.length - 1;
    return await loop(run, from, lastStage);
  } finally {
    training?.dispose();
    await loader.close();
  }
}

async function loop(run: StageRun, from: number, lastStage: boolean): Promise<'done' | 'stopped'> {
  const { session, plan } = run;
  const { host, config } = session.job;
  const { sampleEvery, evaluateEvery, checkpointEvery } = config.training;
  for (let step = from + 1; step <= plan.iterations; step++) {
    const last = step === plan.iterations;
    const due = (every: number) => last || step % every === 0;
    await takeStep(run, step);
    tellSkipped(session);
    if (due(evaluateEvery)) await showWorst(run, step, await score(run, step, plan.trains));
    if (due(sampleEvery)) await show(run, step);
    // Whoever asks for a stop is heard between steps only: let messages in.
    await setImmediate();
    const done = last && lastStage;
    const stop = !done && host.stopRequested();
    const pause = !done && host.pauseRequested();
    // A run that rests may never wake up: what it has must be on the disk.
    if (due(checkpointEvery) || stop || pause) await save(run, step);
    if (pause && !stop) await host.rest({ stage: plan.stage, step });
    if (stop || (pause && host.stopRequested())) return 'stopped';
  }
  return 'done';
}

/** Before the first step: what the untrained network makes of the sample, and how good a given teacher is. */
async function introduce(run: StageRun): Promise<void> {
  const { session, plan } = run;
  await show(run, 0);
  const given = plan.stage === 'student' && session.stages.length === 1 && session.networks.teacher;
  if (given) await score(run, 0, 'teacher');
}

async function takeStep({ session, plan, training, loader }: StageRun, step: number): Promise<void> {
  const { job, progress } = session;
  const { stage } = plan;
  const began = performance.now();
  const batch = await loader.next();
  const { loss, terms, watched, passes, lr, phase } = await training.step(step, batch);
  const ms = performance.now() - began;
  progress.step(stage, ms, passes);
  job.host.emit({
    kind: 'step',
    stage,
    step,
    loss,
    terms,
    lr,
    ms,
    etaMs: progress.remaining(stage, step),
    ...(phase !== undefined && { phase }),
    ...(Object.keys(watched).length > 0 && { watched }),
  });
}

type Worst = Awaited<ReturnType<typeof evaluate>>['worst'];

/** @returns the images that were seen worst */
async function score({ session, plan }: StageRun, step: number, role: Role): Promise<Worst> {
  const { job, methods, best, progress } = session;
  const { engine, config, dataset, host } = job;
  const { seed, augment, evaluateImages } = config.training;
  const network = session.networks[role]!;
  const viewer = { engine, network, role, methods, seed, pixels: pixelsOf(augment) };
  const began = performance.now();
  const { worst, ...result } = await evaluate(viewer, dataset, evaluateImages);
  if (role === plan.trains) progress.evaluation(plan.stage, performance.now() - began);
  const told = worst.map(({ id, miou }) => ({ id, miou }));
  host.emit({ kind: 'evaluation', stage: plan.stage, step, ...result, worst: told });
  if (role !== plan.trains || result.miou <= (best[role]?.miou ?? -1)) return worst;
  best[role] = { step, miou: result.miou };
  await host.best({ role, stage: plan.stage, step, miou: result.miou, weights: exportWeights(network) });
  return worst;
}

/** So many of the images that were seen worst are drawn at every evaluation. */
const WORST_SHOWN = 3;

async function showWorst(run: StageRun, step: number, worst: Worst): Promise<void> {
  const { job, shown } = run.session;
  for (const { id, index } of worst.slice(0, WORST_SHOWN)) {
    if (id === shown.id) continue;
    const sample = await loadUsable(job.dataset, 'val', index);
    if (sample) await show(run, step, sample);
  }
}

/** Writes the pictures of a sample, by default of the one that is drawn again and again. */
async function show(
  { session, plan, training }: StageRun,
  step: number,
  shown = session.shown,
): Promise<void> {
  const layers = await training.pictures(step, shown);
  await session.job.host.sample({ stage: plan.stage, step, id: shown.id, layers });
}

async function save({ session, training, loader }: StageRun, step: number): Promise<void> {
  await session.job.host.checkpoint(training.checkpoint(step, loader));
}

/** One warning for all that were left out since the last one: a thousand of them are one thing to know. */
function tellSkipped(session: Session): void {
  const { dataset, host } = session.job;
  const added = dataset.skipped.slice(session.told);
  if (added.length === 0) return;
  session.told = dataset.skipped.length;
  const named = added.slice(0, NAMED).map(({ id, reason }) => `${id}: ${reason}`);
  const more = added.length - named.length;
  host.emit({
    kind: 'warning',
    message: `Left out ${added.length} ${added.length === 1 ? 'sample' : 'samples'} of the dataset (${session.told} in all). ${named.join(' ')}${more > 0 ? ` And ${more} more.` : ''}`,
    leftOut: added.map(({ id }) => id),
  });
}
