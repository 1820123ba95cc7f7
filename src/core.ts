import { crossEntropy, resizeToLabels } from './distill/losses/cross-entropy';
import { cwd } from './distill/losses/cwd';
import { kd } from './distill/losses/kd';
import { ladConsistency } from './distill/losses/lad-consistency';
import { fixedClassCodes, ladLabelChannel, randomClassCodes } from './distill/losses/lad-label-channel';
import { tfeShare } from './distill/losses/rdd-schedule';
import { tfeDifficulty, tfeDivergence, tfeWeights } from './distill/losses/rdd-tfe';
import { tseCombine, tseConfidence, tseHardMask, tseWeights } from './distill/losses/rdd-tse';
import { reduceMap } from './distill/losses/reduce-map';
import { ConfusionMatrix } from './distill/metrics';
import { polyLearningRate } from './distill/schedule';
import { openEngine as open } from './engine/open';
import { RandomStream } from './engine/random';
import { buildSegmenter as build } from './nn/registry';
import { exportWeights, importWeights } from './nn/weights/state';

/**
 * The numeric core for Node scripts, `distillation-studio/core`: open an engine, build networks, compute the losses of LAD
 * and RDD on tensors of your own. Tensors are NHWC float32, label maps int32 [N,H,W] with -1 = ignore.
 *
 * ```js
 * const { openEngine, losses } = require('distillation-studio/core');
 * const engine = await openEngine('auto');
 * const loss = losses.kd(engine, student, teacher, { temperature: 1 });
 * ```
 */
export const openEngine = open;
export const buildSegmenter = build;

/** Losses, difficulty maps, masks and label noise; each documented where it is defined. */
export const losses = {
  crossEntropy,
  resizeToLabels,
  reduceMap,
  kd,
  cwd,
  ladConsistency,
  ladLabelChannel,
  randomClassCodes,
  fixedClassCodes,
  tfeDivergence,
  tfeDifficulty,
  tfeWeights,
  tfeShare,
  tseConfidence,
  tseHardMask,
  tseCombine,
  tseWeights,
};

/** Scores from one count matrix. */
export const metrics = { ConfusionMatrix };

export const schedules = { polyLearningRate };

/** Weights of a segmenter as safetensors, in PyTorch's names and layouts. */
export const weights = { export: exportWeights, import: importWeights };

/** A named random stream: `random(seed, name)`, with a state that can be saved. */
export const random = RandomStream.seeded;
