import { hingeDiscriminator, hingeGenerator } from './distill/losses/adversarial';
import { attentionTransfer } from './distill/losses/attention-transfer';
import { cirkdMemory, cirkdMiniBatch } from './distill/losses/cirkd';
import { crossEntropy, resizeToLabels } from './distill/losses/cross-entropy';
import { cwd } from './distill/losses/cwd';
import { dist } from './distill/losses/dist';
import { dsd } from './distill/losses/dsd';
import { fitnet } from './distill/losses/fitnet';
import { ifvd } from './distill/losses/ifvd';
import { kd } from './distill/losses/kd';
import { ladConsistency } from './distill/losses/lad-consistency';
import { fixedClassCodes, ladLabelChannel, randomClassCodes } from './distill/losses/lad-label-channel';
import { pixelKl } from './distill/losses/pixel-kl';
import { tfeShare } from './distill/losses/rdd-schedule';
import { rddTfeWeights, tfeDifficulty, tfeDivergence } from './distill/losses/rdd-tfe';
import { rddTseMask, tseCombine, tseConfidence, tseHardMask, tseWeights } from './distill/losses/rdd-tse';
import { reduceMap } from './distill/losses/reduce-map';
import { skdPairwise } from './distill/losses/skd-pairwise';
import { ConfusionMatrix } from './distill/metrics';
import { polyLearningRate } from './distill/schedule';
import { openEngine as open } from './engine/open';
import { RandomStream } from './engine/random';
import { buildSegmenter as build } from './nn/registry';
import { exportWeights, importWeights } from './nn/weights/state';

/**
 * The numeric core for Node scripts, `distillation-studio/core`: open an engine, build networks, compute the losses of LAD,
 * RDD and what they are compared with on tensors of your own. Tensors are NHWC float32, label maps int32 [N,H,W] with
 * -1 = ignore.
 *
 * ```js
 * const { openEngine, losses } = require('distillation-studio/core');
 * const engine = await openEngine('auto');
 * const loss = losses.kd(engine, student, teacher, { temperature: 1 });
 * const gradient = engine.tf.grad((s) => losses.kd(engine, s, teacher, { temperature: 1 }))(student);
 * ```
 */
export const openEngine = open;
export const buildSegmenter = build;

/**
 * Losses, difficulty maps, masks and label noise; each documented where it is defined, with its shapes, equation and
 * source. Scalars are not weighted; gradients go to what is in training, never to a teacher.
 */
export const losses = {
  // The task.
  crossEntropy,
  resizeToLabels,
  reduceMap,
  // From logits.
  kd,
  pixelKl,
  cwd,
  dist,
  // From features.
  skdPairwise,
  ifvd,
  attentionTransfer,
  fitnet,
  dsd,
  cirkdMiniBatch,
  cirkdMemory,
  hingeDiscriminator,
  hingeGenerator,
  // LAD.
  ladConsistency,
  ladLabelChannel,
  randomClassCodes,
  fixedClassCodes,
  // RDD.
  rddTfeWeights,
  tfeDivergence,
  tfeDifficulty,
  tfeShare,
  rddTseMask,
  tseWeights,
  tseConfidence,
  tseHardMask,
  tseCombine,
};

/** Scores from one count matrix. */
export const metrics = { ConfusionMatrix };

export const schedules = { polyLearningRate };

/** Weights of a segmenter as safetensors, in PyTorch's names and layouts. */
export const weights = { export: exportWeights, import: importWeights };

/** A named random stream: `random(seed, name)`, with a state that can be saved. */
export const random = RandomStream.seeded;
