import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { RandomStream } from '../../engine/random';
import type { Config, LadConfig } from '../../protocol/config';
import type { LayerName } from '../../protocol/events';
import { cwd } from '../losses/cwd';
import { ladConsistency } from '../losses/lad-consistency';
import { fixedClassCodes, ladLabelChannel, randomClassCodes } from '../losses/lad-label-channel';
import type { DiagnosticLayer, Method, MethodInstance } from '../method';
import { logitTerms } from './logit-terms';

/** Auxiliary weight of the student script of the released code. */
const RELEASED_STUDENT_AUX = 0.02;

/**
 * Label Assisted Distillation. Teacher stage: the teacher sees the image and, in a fourth channel, the noised label, on
 * two paths with noise of their own whose predictions are pulled together. Student stage: channel-wise distillation to a
 * student that sees the image alone.
 */
export const lad: Method<LadConfig> = {
  kind: 'lad',
  citation:
    'Label Assisted Distillation for semantic segmentation, arXiv 2407.13254; switches follow the released code (train_baseline.py, CIRKD fork).',
  claims: ['teacher-views'],
  deviations: describe,
  create: (options, _config, classes) => createLad(options, classes),
};

function createLad(options: LadConfig, classes: number): MethodInstance {
  const { noise, consistency, distill } = options;

  /** Image and noised label, [N,H,W,4]. Draws the codes of the batch first, then the noise of every pixel. */
  const withLabel = (
    { tf }: Engine,
    images: Tensor4D,
    labels: Int32Array,
    random: RandomStream,
    how: { codes: 'fixed' | 'random'; pixelStd: number },
  ): Tensor4D => {
    const [n, height, width] = images.shape;
    const codes =
      how.codes === 'fixed'
        ? [fixedClassCodes(classes)]
        : Array.from({ length: n }, () => randomClassCodes(random, classes, noise.classStd));
    const channel = ladLabelChannel(labels, n, {
      classes,
      codes,
      noise: random.fillNormal(new Float32Array(labels.length), how.pixelStd),
      scale: noise.scale,
    });
    return tf.concat<Tensor4D>([images, tf.tensor4d(channel, [n, height, width, 1])], 3);
  };
  const distillation = logitTerms('cwd', cwd, options.cwd);

  return {
    id: 'lad',
    teacherExtraChannels: 1,
    views(ctx, images) {
      if (ctx.stage !== 'teacher') return undefined;
      return ['path1', 'path2'].map((id) => ({
        id,
        input: withLabel(ctx.engine, images, ctx.batch.labels, ctx.random.stream('noise/teacher'), {
          codes: 'random',
          pixelStd: noise.pixelStd,
        }),
      }));
    },
    teacherInput: ({ engine, batch, random }, images) =>
      withLabel(engine, images, batch.labels, random.stream('noise/student'), distill),
    // The released code does not say how the teacher was scored; what counts is how it will teach.
    teacherEvaluationInput: ({ engine, random }, images, labels) =>
      withLabel(engine, images, labels, random.stream('noise/evaluation'), distill),
    losses(ctx, outputs) {
      if (ctx.stage === 'student') return distillation(ctx, outputs);
      const [path1, path2] = outputs as [(typeof outputs)[number], (typeof outputs)[number]];
      return [
        {
          id: 'consistency',
          weight: consistency.weight,
          kind: 'scalar',
          value: ladConsistency(ctx.engine, path1.output.logits, path2.output.logits, consistency),
        },
      ];
    },
    diagnostics({ engine, stage }, outputs) {
      const inputs =
        stage === 'teacher'
          ? outputs.map(({ view }) => view.input)
          : outputs.flatMap(({ view }) => (view.teacherInput ? [view.teacherInput] : []));
      const names: LayerName[] = ['noise', 'noise2'];
      return inputs.slice(0, 2).map((input, i) => labelPicture(engine, names[i]!, input));
    },
  };
}

function labelPicture({ tf }: Engine, name: LayerName, input: Tensor4D): DiagnosticLayer {
  const [, height, width] = input.shape;
  const data = tf.tidy(() =>
    tf.slice(input, [0, 0, 0, 3], [1, height, width, 1]).dataSync<'float32'>().slice(),
  );
  return { name, dtype: 'float32', height, width, channels: 1, data };
}

function describe(options: LadConfig, config: Config): string[] {
  const texts = [
    'LAD: the student takes the image alone; the released code gives it a fourth channel of zeros, which computes the same.',
    'LAD: dropout rates are those of CIRKD; the released code lowers them to 0.01 in DeepLabV3.',
    'LAD: the teacher is scored with the label channel it teaches with; how the published teachers were scored is not known.',
    'LAD: the student starts from scratch at training.lr; the released script fine-tunes an already trained student at 0.001.',
  ];
  const { auxWeight } = config.training;
  if (auxWeight !== RELEASED_STUDENT_AUX)
    texts.push(
      `LAD: the auxiliary head of the student weighs ${auxWeight ?? 'as published for the network'}; in the released student script ${RELEASED_STUDENT_AUX}, in its teacher training 0.4.`,
    );
  if (options.distill.codes === 'random')
    texts.push(
      'LAD: the teacher teaches with random class values; the released code uses a fixed table there.',
    );
  else
    texts.push(
      'LAD: the fixed class values are (k - (C + 1) / 2) / 10; the released code has them for the 21 classes of VOC only, where this is the same.',
    );
  return texts;
}
