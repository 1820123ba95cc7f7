import type { Batch } from '../../src/data/dataset';
import type { DiagnosticLayer, MethodInstance } from '../../src/distill/method';
import { openSession, type Session } from '../../src/distill/session';
import { StageTraining } from '../../src/distill/stage-training';
import type { Engine } from '../../src/engine/engine';
import { bytesInMemory } from '../../src/nn/weights/byte-source';
import { openSafetensors } from '../../src/nn/weights/safetensors';
import { exportWeights } from '../../src/nn/weights/state';
import { memoryDataset, numberedClasses } from '../../test/lib/memory-dataset';
import { silentHost } from '../../test/lib/silent-host';
import type { Figures } from '../protocol';
import { CLASSES, configOf, firstStep, type Workload } from '../workload';
import { sampleOf } from './batch';

/** Of the teacher that a session is given: it starts with these weights. */
export type TeacherWeights = Uint8Array | undefined;

/** Opened by the session of a run, stepped by its step: what the trainer does between loading a batch and telling of it. */
export class Training {
  readonly #session: Session;
  readonly #stage: StageTraining;
  #step: number;

  private constructor(session: Session, step: number) {
    this.#session = session;
    this.#stage = new StageTraining(session, session.stages[0]!);
    this.#step = step;
  }

  static async open(engine: Engine, workload: Workload, teacher: TeacherWeights): Promise<Training> {
    const session = await openSession({
      engine,
      config: configOf(workload),
      // One sample, which a session needs to be opened; nothing is read in what is measured.
      dataset: memoryDataset('bench', numberedClasses(CLASSES), {
        train: [sampleOf('shown', workload.size)],
        val: [sampleOf('shown', workload.size)],
      }),
      host: silentHost,
      initial: {
        teacher: teacher && { file: openSafetensors(bytesInMemory(teacher, 'the teacher')), whole: true },
      },
    });
    return new Training(session, firstStep(workload));
  }

  /** By file name. */
  weights(): Record<string, Uint8Array> {
    const { trains } = this.#stage.plan;
    return { [`${trains}.safetensors`]: exportWeights(this.#session.networks[trains]!) };
  }

  /**
   * One step; resolves to the loss and its terms.
   * @param how `dropout: false` leaves nothing to chance but what methods draw; `methods` replace those of the session
   */
  async step(
    batch: Batch,
    how: { dropout?: boolean; methods?: readonly MethodInstance[] } = {},
  ): Promise<Figures> {
    const { loss, terms } = await this.#stage.step(this.#step++, batch, how);
    return { loss, ...terms };
  }

  /** What a run draws of its sample at a step. */
  pictures(step: number): Promise<DiagnosticLayer[]> {
    return this.#stage.pictures(step);
  }

  get methods(): readonly MethodInstance[] {
    return this.#session.methods;
  }
}
