import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Batch, Sample } from '../data/dataset';
import { normalise } from '../data/normalise';
import { RandomStreams } from '../engine/random';
import type { Segmenter } from '../nn/segmenter';
import type { PixelStyle } from '../protocol/config-augment';
import { pixelsOf } from '../protocol/config-augment';
import { logitsOf, type Viewer } from './evaluate';
import type { DiagnosticLayer, MethodInstance, StepContext, ViewOutputs } from './method';
import { strideFor, thinned, topClasses } from './top-classes';
import { teacherPass, viewOutputs, viewsOf } from './views';

/** Value of an ignored pixel in the picture of a label map. */
const IGNORED = 255;

/**
 * Pictures of one sample at this step: image, label, what each network predicts, and what the methods show of their
 * mechanism. Noise is the same at every step, so that pictures differ only by what was learnt; no random stream of the
 * run is touched.
 */
export async function samplePictures(
  context: Omit<StepContext, 'labels' | 'batch' | 'random'>,
  sample: Sample,
  networks: { student: Segmenter | null; teacher: Segmenter | null },
  methods: readonly MethodInstance[],
): Promise<DiagnosticLayer[]> {
  const { engine, config, stage } = context;
  const { width, height } = sample.image;
  const { seed, augment } = config.training;
  const pixels = pixelsOf(augment);
  const classMap = (name: DiagnosticLayer['name'], ids: ArrayLike<number>): DiagnosticLayer => ({
    name,
    dtype: 'uint8',
    height,
    width,
    channels: 1,
    data: Uint8Array.from(ids, (id) => (id < 0 ? IGNORED : id)),
  });
  const layers: DiagnosticLayer[] = [
    { name: 'image', dtype: 'uint8', height, width, channels: 3, data: sample.image.data },
    classMap('label', sample.label.data),
  ];
  const tops: DiagnosticLayer[] = [];
  for (const role of ['teacher', 'student'] as const) {
    const network = networks[role];
    if (!network) continue;
    const viewer: Viewer = { engine, network, role, methods, seed, pixels };
    const seen = await look(viewer, sample, new RandomStreams(seed));
    layers.push(classMap(role, seen.classes));
    tops.push({ ...seen.top, name: role === 'teacher' ? 'teacherTop' : 'studentTop' });
  }
  layers.push(...tops);
  if (!methods.some((method) => method.diagnostics ?? method.weightMaps)) return layers;

  const trained = networks[stage]!;
  const teacher = stage === 'student' ? networks.teacher : null;
  engine.tf.tidy(() => {
    const batch = asBatch(sample, pixels);
    const images = engine.tf.tensor4d(batch.images, [1, height, width, 3]);
    const labels = engine.tf.tensor3d(batch.labels, [1, height, width], 'int32');
    const ctx: StepContext = { ...context, batch, labels, random: new RandomStreams(seed) };
    const views = viewsOf(ctx, images, methods);
    const outputs = viewOutputs(ctx, trained, views, teacherPass(teacher, views), {
      batchNorm: 'frozen',
      dropout: null,
    });
    for (const method of methods) layers.push(...(method.diagnostics?.(ctx, outputs) ?? []));
    layers.push(...weightLayer(ctx, outputs, methods));
  });
  return layers;
}

/** What a network says of every pixel, and how sure it is. */
async function look(
  viewer: Viewer,
  sample: Sample,
  random: RandomStreams,
): Promise<{ classes: Int32Array; top: Omit<DiagnosticLayer, 'name'> }> {
  const { engine, network } = viewer;
  const { tf } = engine;
  const { height, width } = sample.image;
  const stride = strideFor(height, width);
  const [said, sure] = tf.tidy((): [Tensor3D, Tensor4D] => {
    const logits = logitsOf(viewer, sample, random);
    return [tf.argMax(logits, 3), tf.softmax(thinned(engine, logits, stride))];
  });
  const [classes, probabilities] = await Promise.all([said.data<'int32'>(), sure.data<'float32'>()]);
  const [, h, w] = sure.shape;
  tf.dispose([said, sure]);
  const data = topClasses(probabilities, network.spec.classes);
  return { classes, top: { dtype: 'uint8', height: h, width: w, channels: 6, data } };
}

/** How much each pixel counts in the task loss of the network's main output, where a method says so. */
function weightLayer(
  ctx: StepContext,
  outputs: ViewOutputs[],
  methods: readonly MethodInstance[],
): DiagnosticLayer[] {
  const { tf } = ctx.engine;
  const [first] = outputs;
  if (!first) return [];
  const term = { id: 'task', weight: 1, kind: 'task', head: first.main, outputs: first } as const;
  for (const method of methods) {
    const maps = method.weightMaps?.(ctx, term);
    if (!maps || maps.length === 0) continue;
    const sum = tf.addN(maps.map(({ weights, share }) => tf.mul(weights, share))) as Tensor3D;
    const kept = thinned(ctx.engine, sum, strideFor(ctx.batch.height, ctx.batch.width));
    const [, height, width] = kept.shape;
    const data = kept.dataSync().slice() as Float32Array;
    return [{ name: 'weight', dtype: 'float32', height, width, channels: 1, data }];
  }
  return [];
}

function asBatch(sample: Sample, pixels: PixelStyle): Batch {
  const { width, height } = sample.image;
  return {
    ids: [sample.id],
    images: normalise(sample.image, pixels),
    labels: Int32Array.from(sample.label.data),
    n: 1,
    height,
    width,
  };
}
