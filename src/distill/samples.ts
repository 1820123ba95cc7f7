import { pixelsOf } from '../data/augment/options';
import type { Batch, Sample } from '../data/dataset';
import { normalise } from '../data/normalise';
import { RandomStreams } from '../engine/random';
import type { Segmenter } from '../nn/segmenter';
import type { PixelStyle } from '../protocol/config-augment';
import { predict, type Viewer } from './evaluate';
import type { DiagnosticLayer, MethodInstance, StepContext } from './method';
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
  for (const role of ['teacher', 'student'] as const) {
    const network = networks[role];
    if (!network) continue;
    const viewer: Viewer = { engine, network, role, methods, seed, pixels };
    layers.push(classMap(role, await predict(viewer, sample, new RandomStreams(seed))));
  }
  if (!methods.some((method) => method.diagnostics)) return layers;

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
  });
  return layers;
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
