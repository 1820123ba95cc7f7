import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { kthSmallest } from './kth-smallest';
import { validMask } from './reduce-map';

/** How the hard pixels of student and teacher are combined; `ohem` is the student's alone. */
export type TseMode = 'xor' | 'or' | 'and' | 'ohem';

export interface TseOptions {
  mode: TseMode;
  /** Confidence at or below which a pixel is hard; 0.7 in paper and code. */
  threshold: number;
  /** At least this many pixels of the batch are hard (OHEM); 100 000 in the code, 0 in the paper. */
  minKept: number;
  /** `label`: probability of the labelled class (code). `max`: largest probability (Eq. 9 of the paper). */
  confidence: 'label' | 'max';
  /** C weights of the task loss by class; the code has them for Cityscapes only. */
  classWeights?: readonly number[] | undefined;
}

export interface TseResult {
  /** Combined mask times class weight, [N,H,W], 0 where ignored; without gradient. */
  weights: Tensor3D;
  /** Hard pixels of each network, 0/1, [N,H,W]. */
  student: Tensor3D;
  teacher: Tensor3D;
}

/**
 * The pixels that count in RDD's TSE stage: 0/1, [N,H,W], 0 where ignored. `tseWeights` without class weights.
 * Source: RDD, Eq. 9, Table 6.
 * @param student logits at label size, [N,H,W,C]
 * @param teacher the same shape
 * @param labels int32 [N,H,W], -1 = ignore
 */
export function rddTseMask(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  labels: Tensor3D,
  options: Omit<TseOptions, 'classWeights'>,
): Tensor3D {
  return engine.tf.tidy(() => tseWeights(engine, student, teacher, labels, options).weights);
}

/**
 * RDD's teacher-student evaluation: weights of the task loss from the pixels either network finds hard. Reduce with
 * `weights` (mean over the kept pixels, weighted, the code) or `all` (Eq. 10 of the paper). Main and auxiliary head have
 * maps of their own. Nothing here receives a gradient.
 * Source: RDD, Eq. 9-10, Table 6; losses/loss.py and train_onlykd_two_stage_diff.py of the released code.
 * @param student logits at label size, [N,H,W,C]
 * @param teacher the same shape
 * @param labels int32 [N,H,W], -1 = ignore: never hard
 */
export function tseWeights(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  labels: Tensor3D,
  options: TseOptions,
): TseResult {
  const { tf } = engine;
  return tf.tidy(() => {
    const mask = (logits: Tensor4D) =>
      tseHardMask(engine, tseConfidence(engine, logits, labels, options.confidence), labels, options);
    const hard = { student: mask(student), teacher: mask(teacher) };
    const combined = tseCombine(engine, hard.student, hard.teacher, options.mode);
    const { classWeights } = options;
    return {
      ...hard,
      weights: classWeights
        ? tf.mul<Tensor3D>(combined, weightOfLabel(engine, labels, classWeights))
        : combined,
    };
  });
}

/**
 * Confidence of a network per pixel, [N,H,W] in [0,1], without gradient: probability of the labelled class, 1 where
 * ignored; or the largest probability, which needs no label.
 */
export function tseConfidence(
  engine: Engine,
  logits: Tensor4D,
  labels: Tensor3D,
  confidence: TseOptions['confidence'],
): Tensor3D {
  const { tf, ops } = engine;
  return tf.tidy(() => {
    const z = detach(tf, logits);
    // exp(-CE) is the probability of the label, and 1 where CE is 0 because the pixel is ignored.
    if (confidence === 'label') return tf.exp(tf.neg(ops.crossEntropyMap(z, labels)));
    return tf.exp(tf.max<Tensor3D>(ops.logSoftmax(z), 3));
  });
}

/**
 * Labelled pixels whose confidence is at or below max(threshold, k-th smallest confidence), k = min(minKept, number of
 * labelled pixels); 0/1, [N,H,W]. The released code fails where fewer pixels than `minKept` are labelled; here all of
 * them are kept then.
 */
export function tseHardMask(
  engine: Engine,
  confidence: Tensor3D,
  labels: Tensor3D,
  options: Pick<TseOptions, 'threshold' | 'minKept'>,
): Tensor3D {
  const { tf } = engine;
  return tf.tidy(() => {
    const limit = Math.max(options.threshold, keptLimit(confidence, labels, options.minKept));
    const hard = tf.cast(tf.lessEqual<Tensor3D>(confidence, limit), 'float32');
    return tf.mul<Tensor3D>(hard, validMask(engine, labels));
  });
}

/** k-th smallest confidence over the labelled pixels of the batch; 0 where there is no floor. */
function keptLimit(confidence: Tensor3D, labels: Tensor3D, minKept: number): number {
  if (minKept === 0) return 0;
  const values = confidence.dataSync<'float32'>();
  const ids = labels.dataSync<'int32'>();
  const valid = new Float32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (ids[i]! >= 0) valid[count++] = values[i]!;
  return count === 0 ? 0 : kthSmallest(valid.subarray(0, count), Math.min(minKept, count));
}

/** Combines two 0/1 maps of the same shape. */
export function tseCombine({ tf }: Engine, student: Tensor3D, teacher: Tensor3D, mode: TseMode): Tensor3D {
  switch (mode) {
    case 'xor':
      return tf.abs(tf.sub<Tensor3D>(student, teacher));
    case 'or':
      return tf.maximum(student, teacher);
    case 'and':
      return tf.mul(student, teacher);
    case 'ohem':
      return tf.clone(student);
  }
  return mode satisfies never;
}

/** Weight of each pixel's class, [N,H,W]; ignored pixels get the weight of class 0, masks make them 0. */
function weightOfLabel({ tf }: Engine, labels: Tensor3D, classWeights: readonly number[]): Tensor3D {
  return tf.tidy(() => {
    const ids = labels.dataSync<'int32'>();
    const weights = Float32Array.from(ids, (id) => classWeights[Math.max(id, 0)] ?? 1);
    return tf.tensor3d(weights, labels.shape);
  });
}

/** Class weights of the released RDD code for Cityscapes, classes 0..18 in training order; TSE stage only. */
export const CITYSCAPES_CLASS_WEIGHTS: readonly number[] = [
  0.8373, 0.918, 0.866, 1.0345, 1.0166, 0.9969, 0.9754, 1.0489, 0.8786, 1.0023, 0.9539, 0.9843, 1.1116,
  0.9037, 1.0865, 1.0955, 1.0865, 1.1529, 1.0507,
];
