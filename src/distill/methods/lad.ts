import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { RandomStream } from '../../engine/random';
import type { Config, LadConfig } from '../../protocol/config';
import type { LayerName } from '../../protocol/events';
import { ladConsistency } from '../losses/lad-consistency';
import { fixedClassCodes, ladLabelChannel, randomClassCodes } from '../losses/lad-label-channel';
import type { DiagnosticLayer, Method, MethodInstance } from '../method';
import { differences } from './deviations';
import { LAD_STUDENT_PUBLISHED, ladStudentTerms } from './lad-student';

/** Auxiliary weights of the released code. */
const RELEASED_STUDENT_AUX = 0.02;
const RELEASED_TEACHER_AUX = 0.4;

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
  const { noise, paths, consistency, distill } = options;

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
      ignore: noise.ignore,
    });
    return tf.concat<Tensor4D>([images, tf.tensor4d(channel, [n, height, width, 1])], 3);
  };
  const distillation = ladStudentTerms(options.student);

  return {
    id: 'lad',
    teacherExtraChannels: 1,
    auxWeight: (stage) => options[stage].auxWeight,
    views(ctx, images) {
      if (ctx.stage !== 'teacher') return undefined;
      return ['path1', 'path2'].slice(0, paths).map((id) => ({
        id,
        input: withLabel(ctx.engine, images, ctx.batch.labels, ctx.random.stream('noise/teacher'), {
          codes: noise.codes,
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
      const [path1, path2] = outputs;
      if (!path1 || !path2) return [];
      const { weight, ...how } = consistency;
      return [
        {
          id: 'consistency',
          weight,
          kind: 'scalar',
          value: ladConsistency(ctx.engine, path1.output.logits, path2.output.logits, how),
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
  const { noise, paths, consistency, distill, student, teacher } = options;
  const source = 'the released code';
  const texts = [
    'LAD: the student takes the image alone; the released code gives it a fourth channel of zeros, which computes the same.',
    'LAD: dropout rates are those of CIRKD; the released code lowers them to 0.01 in DeepLabV3.',
    'LAD: the teacher is scored with the label channel it teaches with; how the published teachers were scored is not known.',
    'LAD: the student starts from scratch at training.lr; the released script fine-tunes an already trained student at 0.001.',
  ];
  const auxiliary = (whose: string, own: number | undefined, published: number, where: string) => {
    const weight = own ?? config.training.auxWeight;
    if (weight !== published)
      texts.push(
        `LAD: the auxiliary head of the ${whose} weighs ${weight ?? 'as published for the network'}; in the released ${where} ${published}.`,
      );
  };
  auxiliary('student', student.auxWeight, RELEASED_STUDENT_AUX, 'student script');
  if ((teacher.auxWeight ?? config.training.auxWeight) !== undefined)
    auxiliary('teacher', teacher.auxWeight, RELEASED_TEACHER_AUX, 'teacher training');
  texts.push(
    ...differences(
      'LAD, noise',
      noise,
      { codes: 'random', classStd: 1, pixelStd: 0.03, scale: 100, ignore: 'own-id' },
      source,
    ),
    ...differences('LAD', { paths }, { paths: 2 }, source),
    ...differences('LAD, distill', distill, { pixelStd: 0.02 }, source),
  );
  if (paths === 2)
    texts.push(
      ...differences(
        'LAD, consistency',
        consistency,
        { distance: 'cwd', weight: 5, temperature: 4, symmetric: true, detachTarget: true },
        source,
      ),
    );
  if (student.loss !== 'cwd')
    texts.push(`LAD: the teacher teaches by ${student.loss}; the released code has cwd.`);
  else
    for (const [key, value] of Object.entries(LAD_STUDENT_PUBLISHED.cwd)) {
      const own = student[key as keyof typeof LAD_STUDENT_PUBLISHED.cwd];
      if (own !== undefined && own !== value)
        texts.push(`LAD, student: ${key} is ${own}; ${source} has ${value}.`);
    }
  if (distill.codes === 'random')
    texts.push(
      'LAD: the teacher teaches with random class values; the released code uses a fixed table there.',
    );
  else
    texts.push(
      'LAD: the fixed class values are (k - (C + 1) / 2) / 10; the released code has them for the 21 classes of VOC only, where this is the same.',
    );
  return texts;
}
