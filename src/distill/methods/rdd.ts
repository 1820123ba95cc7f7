import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { SegmenterOutput } from '../../nn/segmenter';
import type { RddConfig } from '../../protocol/config';
import { resizeToLabels } from '../losses/cross-entropy';
import { kd } from '../losses/kd';
import { tfeShare } from '../losses/rdd-schedule';
import { tfeDifficulty, tfeWeights } from '../losses/rdd-tfe';
import { type TseResult, tseWeights } from '../losses/rdd-tse';
import type {
  DiagnosticLayer,
  Method,
  MethodInstance,
  StepContext,
  TaskHead,
  ViewOutputs,
  WeightMap,
} from '../method';
import { logitTerms } from './logit-terms';
import { batchPixels, describeRdd, type RddOptions, resolveRdd } from './rdd-options';

/**
 * Relative Difficulty Distillation: weights the task loss of the student per pixel, by the teacher's certainty at first
 * (TFE), then by what student and teacher find hard (TSE), and adds plain KD. As it only re-weights the task loss, it
 * goes with any other method.
 */
export const rdd: Method<RddConfig> = {
  kind: 'rdd',
  citation:
    'Relative Difficulty Distillation for semantic segmentation, Science China Information Sciences 2025 (arXiv 2407.03719), and the released code.',
  claims: ['task-weights'],
  deviations: describeRdd,
  create: (options, config, classes) => createRdd(resolveRdd(options, config, classes)),
};

function createRdd(options: RddOptions): MethodInstance {
  const { tfe, tse } = options;

  const shareOfTfe = ({ step, iterations }: Pick<StepContext, 'step' | 'iterations'>): number => {
    if (options.stages !== 'both') return options.stages === 'tfe' ? 1 : 0;
    const { warmup, handover, fidelity } = options;
    return tfeShare({ step, warmup, iterations, handover, fidelity });
  };
  const difficulty = ({ engine }: StepContext, { teacher }: ViewOutputs): Tensor3D =>
    tfeDifficulty(engine, teacher!.logits, auxLogits(teacher!), tfe);
  const hardness = (
    { engine, labels }: StepContext,
    outputs: ViewOutputs,
    head: TaskHead,
    minKept = tse.minKept,
  ): TseResult => {
    const teacher = outputs.teacher!;
    const logits = head === outputs.main ? teacher.logits : auxLogits(teacher, head.name);
    return tseWeights(
      engine,
      head.upLogits,
      resizeToLabels(engine, logits, labels, teacher.alignCorners),
      labels,
      {
        ...tse,
        minKept,
      },
    );
  };

  return {
    id: 'rdd',
    phase(ctx) {
      if (ctx.stage !== 'student') return undefined;
      const share = shareOfTfe(ctx);
      return share === 1 ? 'tfe' : share === 0 ? 'tse' : 'blend';
    },
    weightMaps(ctx, { head, outputs }) {
      if (!outputs.teacher) return undefined;
      const share = shareOfTfe(ctx);
      const maps: WeightMap[] = [];
      if (share > 0) {
        // All heads are weighted by the one map that the teacher's two heads give.
        const weights = tfeWeights(ctx.engine, difficulty(ctx, outputs), [ctx.batch.height, ctx.batch.width]);
        maps.push(
          tfe.weighting === 'pixel'
            ? { weights, reduction: tfe.reduction, share }
            : { weights: meanEverywhere(ctx, weights), reduction: 'valid', share },
        );
      }
      if (share < 1)
        maps.push({
          weights: hardness(ctx, outputs, head).weights,
          reduction: tse.reduction,
          share: 1 - share,
        });
      return maps;
    },
    losses: logitTerms('kd', kd, options.kd),
    diagnostics(ctx, outputs) {
      const shown = outputs.find(({ teacher }) => teacher);
      if (!shown) return [];
      const { height, width } = ctx.batch;
      const layers: DiagnosticLayer[] = [];
      // A teacher without an auxiliary head can still be followed in TSE; there is no difficulty to show.
      if (shown.teacher!.aux.length > 0) {
        const map = difficulty(ctx, shown);
        layers.push({
          name: 'difficulty',
          dtype: 'float32',
          height: map.shape[1],
          width: map.shape[2],
          channels: 1,
          data: map.dataSync<'float32'>().slice(),
        });
      }
      // The floor is for a whole batch; a single picture gets its part of it.
      const minKept = Math.round((tse.minKept * height * width) / batchPixels(ctx.config));
      const { student, teacher } = hardness(ctx, shown, shown.main, minKept);
      const byStudent = student.dataSync<'float32'>();
      const byTeacher = teacher.dataSync<'float32'>();
      layers.push({
        name: 'mask',
        dtype: 'uint8',
        height,
        width,
        channels: 1,
        data: Uint8Array.from(byStudent, (hard, i) => hard + 2 * byTeacher[i]!),
      });
      return layers;
    },
  };
}

/** What is left of weights whose mean is multiplied with the mean of the loss. */
function meanEverywhere({ engine: { tf } }: StepContext, weights: Tensor3D): Tensor3D {
  return tf.mul<Tensor3D>(tf.onesLike(weights), tf.mean(weights));
}

/** The teacher's auxiliary logits of that name; where it has none, its first ones. Its configuration has been checked to have some. */
function auxLogits({ aux }: SegmenterOutput, name?: string): Tensor4D {
  const heads = aux.filter(({ kind }) => kind === 'classes');
  return (heads.find((head) => head.name === name) ?? heads[0]!).logits;
}
