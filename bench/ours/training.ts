import type { Batch } from '../../src/data/dataset';
import type { TrainerHost } from '../../src/distill/host';
import type { MethodInstance } from '../../src/distill/method';
import { Sgd } from '../../src/distill/optimizer';
import { polyLearningRate } from '../../src/distill/schedule';
import { buildNetworks, openSession, type Session } from '../../src/distill/session';
import type { StagePlan } from '../../src/distill/stages';
import { trainStep } from '../../src/distill/step';
import type { Engine } from '../../src/engine/engine';
import { bytesInMemory } from '../../src/nn/weights/byte-source';
import { openSafetensors } from '../../src/nn/weights/safetensors';
import { exportWeights } from '../../src/nn/weights/state';
import type { Figures } from '../protocol';
import { CLASSES, configOf, firstStep, type Workload } from '../workload';
import { datasetOf, sampleOf } from './batch';

/** Of the teacher that a session is given: it starts with these weights. */
export type TeacherWeights = Uint8Array | undefined;

/** Opened by the session of a run, stepped by its step: what the trainer does between loading a batch and telling of it. */
export class Training {
  readonly #session: Session;
  readonly #plan: StagePlan;
  readonly #optimizer: Sgd;
  #step: number;

  private constructor(session: Session, step: number) {
    this.#session = session;
    this.#plan = session.stages[0]!;
    this.#step = step;
    buildNetworks(session, this.#plan);
    this.#optimizer = new Sgd(session.job.engine, this.#network, session.job.config.training);
  }

  static async open(engine: Engine, workload: Workload, teacher: TeacherWeights): Promise<Training> {
    const session = await openSession({
      engine,
      config: configOf(workload),
      dataset: datasetOf(sampleOf('shown', workload.size)),
      host: silent,
      initial: {
        teacher: teacher && { file: openSafetensors(bytesInMemory(teacher, 'the teacher')), whole: true },
      },
    });
    return new Training(session, firstStep(workload));
  }

  get #network() {
    return this.#session.networks[this.#plan.trains]!;
  }

  /** By file name. */
  weights(): Record<string, Uint8Array> {
    return { [`${this.#plan.trains}.safetensors`]: exportWeights(this.#network) };
  }

  /**
   * One step; resolves to the loss and its terms.
   * @param how `dropout: false` leaves nothing to chance but what methods draw; `methods` replace those of the session
   */
  async step(
    batch: Batch,
    how: { dropout?: boolean; methods?: readonly MethodInstance[] } = {},
  ): Promise<Figures> {
    const { job, random, networks, methods } = this.#session;
    const { engine, config } = job;
    const { stage, trains, iterations } = this.#plan;
    const step = this.#step++;
    const lr = polyLearningRate(config.training.lr, step, iterations, config.training.power);
    const context = { engine, config, stage, step, iterations, classes: CLASSES, random };
    const { loss, terms } = await trainStep(context, batch, {
      network: this.#network,
      teacher: stage === 'student' ? networks.teacher : null,
      methods: how.methods ?? methods,
      optimizer: this.#optimizer,
      lr,
      dropout: how.dropout === false ? null : random.stream(`dropout/${trains}`),
    });
    return { loss, ...terms };
  }

  get methods(): readonly MethodInstance[] {
    return this.#session.methods;
  }
}

const silent: TrainerHost = {
  emit: () => {},
  sample: async () => {},
  checkpoint: async () => {},
  best: async () => {},
  stopRequested: () => false,
  pauseRequested: () => false,
  rest: async () => {},
};
