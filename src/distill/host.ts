import type { Dataset } from '../data/dataset';
import type { Engine } from '../engine/engine';
import type { WeightFile } from '../nn/weights/weight-file';
import type { Config } from '../protocol/config';
import type { Role, RunEvent, StageId } from '../protocol/events';
import type { DiagnosticLayer } from './method';

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;
/** An event as the trainer tells it; the host adds the time. Samples go through `sample`. */
export type TrainerEvent = WithoutTime<
  Exclude<RunEvent, { kind: 'sample' | 'checkpoint' | 'resume' | 'paused' | 'continued' | 'end' }>
>;

/** Everything that is needed to go on as if nothing had happened. File contents by name, flat. */
export interface Checkpoint {
  stage: StageId;
  /** Optimiser steps of the stage that are done. */
  step: number;
  /**
   * `student.safetensors`, `teacher.safetensors` (PyTorch names and layouts), `optimizer.safetensors` (velocities),
   * `methods.safetensors` (weights, optimisers and memories of methods that have some) and `state.json` (random streams,
   * loader, methods, best results).
   */
  files: Record<string, Uint8Array>;
}

/** The trainer's only window on the world: it knows nothing of processes or of where files lie. */
export interface TrainerHost {
  emit(event: TrainerEvent): void;
  sample(sample: { stage: StageId; step: number; id: string; layers: DiagnosticLayer[] }): Promise<void>;
  checkpoint(checkpoint: Checkpoint): Promise<void>;
  /** The best weights of a network so far, by validation mIoU (CIRKD convention). */
  best(best: { role: Role; stage: StageId; step: number; miou: number; weights: Uint8Array }): Promise<void>;
  /** Asked between steps; true ends the run after a checkpoint. */
  stopRequested(): boolean;
  /** Asked between steps; true halts the run after a checkpoint. */
  pauseRequested(): boolean;
  /** Resolves when a halted run may go on, or is to stop. */
  rest(at: { stage: StageId; step: number }): Promise<void>;
}

/** Weights a network is to have before its first step. */
export interface InitialWeights {
  file: WeightFile;
  /** All of them are there (`checkpoint`), not some to begin from (`init`). */
  whole: boolean;
}

export interface TrainingJob {
  engine: Engine;
  config: Config;
  dataset: Dataset;
  host: TrainerHost;
  resumeFrom?: Checkpoint | undefined;
  /** The weights the configuration names, opened, by role. */
  initial: Partial<Record<Role, InitialWeights | undefined>>;
}

/** Implemented by `train` in trainer.ts. */
export type Train = (job: TrainingJob) => Promise<'finished' | 'stopped'>;
