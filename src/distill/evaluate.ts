import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Dataset, Sample } from '../data/dataset';
import { emptySplit, loadUsable } from '../data/file-dataset';
import { normalise } from '../data/normalise';
import type { Engine } from '../engine/engine';
import { RandomStreams } from '../engine/random';
import type { Segmenter } from '../nn/segmenter';
import type { PixelStyle } from '../protocol/config-augment';
import type { EvaluationEvent, Role } from '../protocol/events';
import { inferPixels, WHOLE_IMAGE } from './evaluation/inference';
import type { MethodInstance } from './method';
import { ConfusionMatrix } from './metrics';

/** A network that is looked at, not trained. */
export interface Viewer {
  engine: Engine;
  network: Segmenter;
  role: Role;
  methods: readonly MethodInstance[];
  /** Teachers that see a noised label see the same noise at every evaluation. */
  seed: number;
  /** How its images become numbers; `caffe` by default. */
  pixels?: PixelStyle;
}

type Evaluation = Pick<
  EvaluationEvent,
  'role' | 'images' | 'miou' | 'miouPresent' | 'pixelAccuracy' | 'iou' | 'confusion'
> & {
  /** Of each image its mean IoU over the classes that occur in it, lowest first; `index` in the split. */
  worst: { id: string; index: number; miou: number }[];
};

/** So many of the worst images are told. */
const WORST = 12;

/**
 * Scores of a network on the validation split, as CIRKD evaluates: one whole image at a time at its own size (the
 * networks ceil sizes that their stride does not divide, so nothing is padded), logits resized to the label, argmax.
 * @param limit the first n images only
 */
export async function evaluate(viewer: Viewer, dataset: Dataset, limit?: number): Promise<Evaluation> {
  const count = Math.min(limit ?? Number.POSITIVE_INFINITY, dataset.ids('val').length);
  const matrix = new ConfusionMatrix(dataset.classes.length);
  const random = new RandomStreams(viewer.seed);
  const worst: Evaluation['worst'] = [];
  let images = 0;
  for (let i = 0; i < count; i++) {
    const sample = await loadUsable(dataset, 'val', i);
    if (!sample) continue;
    const own = new ConfusionMatrix(dataset.classes.length);
    own.add(await predict(viewer, sample, random), sample.label.data);
    for (const [cell, count] of own.counts.entries()) matrix.counts[cell]! += count;
    images++;
    const { miouPresent } = own.scores();
    if (Number.isNaN(miouPresent)) continue;
    worst.push({ id: sample.id, index: i, miou: miouPresent });
    worst.sort((a, b) => a.miou - b.miou).splice(WORST);
  }
  if (images === 0) throw emptySplit(dataset.root, 'val');
  const { miou, miouPresent, pixelAccuracy, iou } = matrix.scores();
  return {
    role: viewer.role,
    images,
    miou,
    // Undefined where no pixel is labelled at all; a journal has no NaN.
    miouPresent: Number.isNaN(miouPresent) ? 0 : miouPresent,
    pixelAccuracy: Number.isNaN(pixelAccuracy) ? 0 : pixelAccuracy,
    iou,
    confusion: Array.from(matrix.counts),
    worst,
  };
}

/** Predicted class of every pixel of a sample, row-major. */
export async function predict(viewer: Viewer, sample: Sample, random: RandomStreams): Promise<Int32Array> {
  const { tf } = viewer.engine;
  const classes = tf.tidy(() => tf.argMax(logitsOf(viewer, sample, random), 3));
  const data = await classes.data<'int32'>();
  classes.dispose();
  return data;
}

/** Logits of every pixel of a sample, [1,H,W,C]. */
export function logitsOf(viewer: Viewer, sample: Sample, random: RandomStreams): Tensor4D {
  const { engine, network } = viewer;
  const { width, height } = sample.image;
  return engine.tf.tidy(() => {
    const images = engine.tf.tensor4d(normalise(sample.image, viewer.pixels), [1, height, width, 3]);
    return inferPixels(engine, network, inputFor(viewer, images, sample, random), WHOLE_IMAGE);
  });
}

function inputFor(
  { engine, network, role, methods }: Viewer,
  images: Tensor4D,
  sample: Sample,
  random: RandomStreams,
): Tensor4D {
  if (role === 'student') return images;
  const ctx = { engine, classes: network.spec.classes, random };
  for (const method of methods) {
    const input = method.teacherEvaluationInput?.(ctx, images, Int32Array.from(sample.label.data));
    if (input) return input;
  }
  return images;
}
