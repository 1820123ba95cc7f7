import type { Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Batch } from '../data/dataset';
import type { Engine } from '../engine/engine';
import type { RandomStream, RandomStreams } from '../engine/random';
import type { Weight } from '../nn/make-weights';
import type { Segmenter, SegmenterOutput } from '../nn/segmenter';
import type { Config, MethodConfig } from '../protocol/config';
import type { LayerName, Role, StageId } from '../protocol/events';

/**
 * The plug-in interface of distillation methods. One trainer hosts all of them and knows none by name. Hooks are called
 * inside the trainer's gradient scope unless they say otherwise; they allocate freely, the trainer tidies.
 */

/** What one forward pass of a step sees. */
export interface View {
  /** `clean`, `path1`, `path2`, ... unique within a step. */
  id: string;
  /** Input of the network in training, [N,H,W,k]. */
  input: Tensor4D;
  /** Input of the teacher, where it differs from `input`. */
  teacherInput?: Tensor4D;
}

/** Logits of the classes against the labels. */
export interface TaskHead {
  /** `main`, or the name of an auxiliary output. */
  name: string;
  /** Published weight of its loss; 1 for `main`. */
  weight: number;
  /** Logits resized to the labels, [N,H,W,C]; computed once. */
  upLogits: Tensor4D;
  /** Task loss per pixel, [N,H,W], 0 where ignored. */
  taskMap: Tensor3D;
}

/** All that is known of a view once the forward passes are done. */
export interface ViewOutputs {
  view: View;
  /** Of the network in training. */
  output: SegmenterOutput;
  main: TaskHead;
  /** Of the auxiliary outputs that predict classes, in their order. */
  aux: readonly TaskHead[];
  /** Of the frozen teacher, detached; null in a stage without one. */
  teacher: SegmenterOutput | null;
}

export interface StepContext {
  engine: Engine;
  config: Config;
  stage: StageId;
  /** Step within the stage, from 1; and its last. */
  step: number;
  iterations: number;
  classes: number;
  /** Named streams; methods draw from `noise/<stage>`, so that a stage does not depend on the one before. */
  random: RandomStreams;
  /** int32 [N,H,W], -1 = ignore. */
  labels: Tensor3D;
  batch: Batch;
}

/** A weighted term of the loss. A map stays unreduced so that other methods can weight it pixel by pixel. */
export type LossTerm =
  | { id: string; weight: number; kind: 'scalar'; value: Scalar }
  | { id: string; weight: number; kind: 'task'; head: TaskHead; outputs: ViewOutputs };
export type TaskTerm = Extract<LossTerm, { kind: 'task' }>;

/**
 * How a task map becomes a number: sum over maps of share * reduce(map * weights). `valid`: divided by the number of
 * labelled pixels; `all`: by N*H*W; `weights`: by the sum of the weights over labelled pixels (0 if that is 0).
 */
export interface WeightMap {
  weights: Tensor3D;
  reduction: 'valid' | 'all' | 'weights';
  share: number;
}

/** A picture a method wants shown for the first image of a view batch. */
export interface DiagnosticLayer {
  name: LayerName;
  dtype: 'uint8' | 'float32';
  height: number;
  width: number;
  channels: number;
  data: Uint8Array | Float32Array;
}

/** What a method builds its own layers and memories from, before the first step of a stage. */
export interface SetupContext {
  engine: Engine;
  config: Config;
  stage: StageId;
  classes: number;
  /** The network in training, and its teacher in the student stage. */
  network: Segmenter;
  teacher: Segmenter | null;
  /** For initial values. A stream of no consequence where the stage is resumed. */
  init: RandomStream;
  /** The stage is resumed: `arrays` are written right after, so that their initial values do not matter. */
  resumed: boolean;
}

/** An array that belongs to a method: weights of its own, memories. float32, row-major. */
export interface StoredArray {
  shape: readonly number[];
  read(): Float32Array;
  write(values: Float32Array): void;
}

/** Weights that a method trains together with the network, by SGD with the network's momentum, weight decay and schedule. */
export interface TrainedAlong {
  weights: ReadonlyMap<string, Weight>;
  /** Learning rate over that of the network. */
  lr: number;
}

export interface MethodInstance {
  readonly id: string;
  /** Extra input channels of the teacher (LAD: 1). */
  readonly teacherExtraChannels?: number;
  /** Views of a batch for the network in training; at most one method may provide them per stage. */
  views?(ctx: StepContext, images: Tensor4D): View[] | undefined;
  /** What the frozen teacher sees for the clean view in the student stage (LAD: image and noised label). */
  teacherInput?(ctx: StepContext, images: Tensor4D): Tensor4D | undefined;
  /**
   * What the teacher sees when it is evaluated or shown; `labels` row-major [N,H,W], -1 = ignore. Outside the gradient
   * scope, with random streams of its own: looking at a teacher does not change the run.
   */
  teacherEvaluationInput?(
    ctx: { engine: Engine; classes: number; random: RandomStreams },
    images: Tensor4D,
    labels: Int32Array,
  ): Tensor4D;
  /** Weight maps for a task term; undefined leaves it to the default (mean over valid pixels). */
  weightMaps?(ctx: StepContext, term: TaskTerm): WeightMap[] | undefined;
  /** Terms beyond the task loss, which the trainer adds for every view by itself. */
  losses?(ctx: StepContext, outputs: ViewOutputs[]): LossTerm[];
  /** Name of the phase this step belongs to, for curves and journals (RDD: tfe, tse, blend). */
  phase?(ctx: Pick<StepContext, 'stage' | 'step' | 'iterations'>): string | undefined;
  /** Pictures of the mechanism for all views of one sample (N = 1). Outside the gradient scope, under `tf.tidy`. */
  diagnostics?(ctx: StepContext, outputs: ViewOutputs[]): DiagnosticLayer[];
  /** Before the first step of each stage, outside the gradient scope: layers, memories, discriminators. */
  setup?(ctx: SetupContext): void;
  /** What `setup` made to be trained along, if anything. */
  trainedAlong?(): TrainedAlong | undefined;
  /**
   * After the optimiser step, outside the gradient scope: optimisers of its own. Returns values to watch, by id; they are
   * told and must be finite, but are no part of the loss.
   */
  afterStep?(ctx: StepContext): Record<string, Scalar>;
  /** Weight of the auxiliary heads in a stage; undefined leaves it to `training.auxWeight`. */
  auxWeight?(stage: StageId): number | undefined;
  /** JSON-safe state across steps (counters, positions in queues) for checkpoints; random streams are saved by the trainer. */
  state?(): unknown;
  /** Before `setup`. */
  restore?(state: unknown): void;
  /** What checkpoints keep beside `state`, by name, once `setup` has been called; weights trained along included. */
  arrays?(): ReadonlyMap<string, StoredArray>;
  dispose?(): void;
}

export interface Method<C extends MethodConfig = MethodConfig> {
  readonly kind: C['kind'];
  /** Paper and, where it differs, the released code. */
  readonly citation: string;
  /** Where this configuration knowingly differs from paper or code; printed with every result. */
  deviations(options: C, config: Config): string[];
  create(options: C, config: Config, classes: number): MethodInstance;
  /** The hook this method claims for itself, so that contradictions are found before a run starts. */
  readonly claims: readonly ('teacher-views' | 'task-weights' | 'discriminator')[];
}

export type { Role, StageId };
