import type { Batch, BatchLoader } from '../data/dataset';
import { RandomStream } from '../engine/random';
import { restoreMethods, restoreVelocities, saveCheckpoint } from './checkpoint';
import type { Checkpoint } from './host';
import type { DiagnosticLayer, MethodInstance, StepContext } from './method';
import type { AlongOptimizer } from './method-arrays';
import { Sgd } from './optimizer';
import { samplePictures } from './samples';
import { polyLearningRate } from './schedule';
import { buildNetworks, type Session } from './session';
import type { StagePlan } from './stages';
import { type StepResult, trainStep } from './step';

/**
 * What is trained in a stage: the network and what methods train beside it. It takes steps on batches it is given, so
 * that a comparison with other code can choose them; `runStage` takes them from a loader.
 */
export class StageTraining {
  readonly plan: StagePlan;
  readonly #session: Session;
  readonly #optimizer: Sgd;
  readonly #along: readonly AlongOptimizer[];

  /** Builds the networks of the stage that are not there yet. Errors: those of `buildNetworks` and of methods' setup. */
  constructor(session: Session, plan: StagePlan) {
    buildNetworks(session, plan);
    const { job, methods, networks, random } = session;
    const { engine, config, dataset, resumeFrom } = job;
    const { stage, trains } = plan;
    const resumed = resumeFrom?.stage === stage;
    this.plan = plan;
    this.#session = session;
    for (const method of methods)
      method.setup?.({
        ...{ engine, config, stage, resumed },
        classes: dataset.classes.length,
        network: networks[trains]!,
        teacher: this.#teacher,
        // What is restored needs no draws, and the saved streams have made them already.
        init: resumed
          ? RandomStream.seeded(config.training.seed, 'unused')
          : random.stream(`init/${method.id}`),
      });
    this.#optimizer = new Sgd(engine, networks[trains]!, config.training);
    this.#along = methods.flatMap((method) => {
      const along = method.trainedAlong?.();
      return along
        ? [{ method: method.id, optimizer: new Sgd(engine, along, config.training), lr: along.lr }]
        : [];
    });
  }

  get #teacher() {
    return this.plan.stage === 'student' ? this.#session.networks.teacher : null;
  }

  /** As it was when the checkpoint of this stage was saved; the loader aside. Errors: checkpoint-broken, checkpoint-mismatch. */
  restore(checkpoint: Checkpoint): void {
    const { job, methods } = this.#session;
    restoreVelocities(job.engine, this.#optimizer, checkpoint);
    restoreMethods(job.engine, methods, this.#along, checkpoint);
  }

  /**
   * Takes one step, from 1.
   * @param options `dropout: false` leaves nothing to chance but what methods draw; `methods` take the place of those of
   * the session, whose doings they may record
   * Errors: numeric, if a term is not finite.
   */
  async step(
    step: number,
    batch: Batch,
    options: { dropout?: boolean; methods?: readonly MethodInstance[] } = {},
  ): Promise<StepResult & { lr: number; phase?: string }> {
    const { job, random, networks } = this.#session;
    const methods = options.methods ?? this.#session.methods;
    const { config, dataset } = job;
    const { trains, iterations } = this.plan;
    const lr = polyLearningRate(config.training.lr, step, iterations, config.training.power);
    const context = { ...this.#at(step), random };
    const result = await trainStep(context, batch, {
      network: networks[trains]!,
      teacher: this.#teacher,
      methods,
      optimizer: this.#optimizer,
      along: this.#along,
      lr,
      dropout: options.dropout === false ? null : random.stream(`dropout/${trains}`),
      nameOf: (id) => dataset.layout?.samples.train.find((sample) => sample.id === id)?.image ?? id,
    });
    let phase: string | undefined;
    for (const method of methods) phase ??= method.phase?.(context);
    return { ...result, lr, ...(phase !== undefined && { phase }) };
  }

  /** Pictures of a sample as the networks see it at this step; by default of the one that is drawn again and again. */
  pictures(step: number, shown = this.#session.shown): Promise<DiagnosticLayer[]> {
    const { networks, methods } = this.#session;
    return samplePictures(this.#at(step), shown, networks, methods);
  }

  #at(step: number): Omit<StepContext, 'random' | 'labels' | 'batch'> {
    const { engine, config, dataset } = this.#session.job;
    const { stage, iterations } = this.plan;
    return { engine, config, stage, step, iterations, classes: dataset.classes.length };
  }

  /** Everything a run consists of after a step. Errors: numeric. */
  checkpoint(step: number, loader: BatchLoader): Checkpoint {
    const { job, networks, random, methods, best } = this.#session;
    return saveCheckpoint(
      job.engine,
      { stage: this.plan.stage, step },
      { networks, optimizer: this.#optimizer, along: this.#along, random, loader, methods, best },
    );
  }

  /** What lives as long as the stage; the networks stay. */
  dispose(): void {
    this.#optimizer.dispose();
    for (const { optimizer } of this.#along) optimizer.dispose();
    for (const method of this.#session.methods) method.dispose?.();
  }
}
