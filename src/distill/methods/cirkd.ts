import type { Config, MethodConfig } from '../../protocol/config';
import { Adapter } from '../adapter';
import { cirkdMemory, cirkdMiniBatch } from '../losses/cirkd';
import { labelsAt } from '../losses/label-masks';
import type { LossTerm, Method, MethodInstance, StepContext } from '../method';
import { CirkdMemory, embeddings } from './cirkd-memory';
import { differences, missingCompanions } from './deviations';
import { type FeaturePair, featurePairs } from './feature-terms';

type CirkdConfig = Extract<MethodConfig, { kind: 'cirkd' }>;

/**
 * Cross-image relational distillation: how similar the pixels of a batch are to each other, and to pixels and regions of
 * earlier batches, should be as for the teacher.
 */
export const cirkd: Method<CirkdConfig> = {
  kind: 'cirkd',
  citation:
    'Yang, Zhou, An, Jiang, Xu, Zhang: Cross-Image Relational Knowledge Distillation for Semantic Segmentation, CVPR 2022; weights of its scripts.',
  claims: [],
  deviations: describe,
  create: createCirkd,
};

/** Weights of the terms with a memory, as the scripts have them. */
function publishedMemoryWeight({ dataset }: Pick<Config, 'dataset'>): number {
  return dataset.kind === 'voc' ? 0.01 : 0.1;
}

function createCirkd(options: CirkdConfig, config: Config): MethodInstance {
  const { batch, memory: asked, adapterLr } = options;
  const pixelWeight = asked.pixelWeight ?? publishedMemoryWeight(config);
  const regionWeight = asked.regionWeight ?? publishedMemoryWeight(config);
  const remembers = pixelWeight > 0 || regionWeight > 0;
  let parts: { head: Adapter; memory: CirkdMemory } | undefined;
  let savedPositions: CirkdMemory['positions'] | null = null;

  const scalar = (
    id: string,
    weight: number,
    value: Extract<LossTerm, { kind: 'scalar' }>['value'],
  ): LossTerm => ({
    id: `cirkd.${id}`,
    weight,
    kind: 'scalar',
    value,
  });

  const memoryTerms = (ctx: StepContext, { student, teacher }: FeaturePair): LossTerm[] => {
    if (!parts) return [];
    const { engine, labels, batch: data, random, stage } = ctx;
    const { head, memory } = parts;
    const [n, h, w] = student.shape;
    const stream = random.stream(`memory/${stage}`);
    const taught = embeddings(engine, teacher);
    // What the batch shows is remembered first, so that it is among what it is compared with.
    memory.remember(ctx, taught, [n, h, w], stream);
    const keys = memory.contrast(engine, stream);
    const anchors = embeddings(engine, head.forward(student));
    const ids = labelsAt(data.labels, labels.shape, [h, w]);
    const counts = engine.tf.tensor1d(Float32Array.from(ids, (id) => (id >= 0 ? 1 : 0)));
    const { temperature } = asked;
    const term = (against: typeof keys.pixels) =>
      cirkdMemory(engine, anchors, taught, against, { temperature, counts });
    return [
      ...(pixelWeight > 0 ? [scalar('memory.pixel', pixelWeight, term(keys.pixels))] : []),
      ...(regionWeight > 0 ? [scalar('memory.region', regionWeight, term(keys.regions))] : []),
    ];
  };

  return {
    id: 'cirkd',
    setup({ engine, network, teacher, classes, init, resumed }) {
      if (!teacher || !remembers) return;
      const from = network.network.outputs.features.channels;
      const to = teacher.network.outputs.features.channels;
      const head = new Adapter(
        engine,
        from,
        (graph, features) => {
          const conv = { to, kernel: 1, init: 'default' } as const;
          const hidden = graph.convBnRelu(features, { conv: 'head.0', bn: 'head.1' }, conv);
          return graph.conv(hidden, 'head.3', conv);
        },
        init,
      );
      const memory = new CirkdMemory(asked, classes, to);
      if (!resumed) memory.fill(init);
      if (savedPositions) memory.positions = savedPositions;
      parts = { head, memory };
    },
    trainedAlong: () => parts && { weights: parts.head.weights, lr: adapterLr },
    losses: (ctx, outputs) =>
      featurePairs(ctx.engine, outputs).flatMap((pair) => [
        ...(batch.weight > 0
          ? [scalar('batch', batch.weight, cirkdMiniBatch(ctx.engine, pair.student, pair.teacher, batch))]
          : []),
        ...memoryTerms(ctx, pair),
      ]),
    state: () => parts?.memory.positions ?? null,
    restore(state) {
      savedPositions = state as typeof savedPositions;
    },
    arrays: () => new Map(parts ? [...parts.head.arrays(), ...parts.memory.arrays()] : []),
    dispose() {
      parts?.head.dispose();
      parts = undefined;
      savedPositions = null;
    },
  };
}

function describe({ batch, memory, adapterLr }: CirkdConfig, config: Config): string[] {
  const source = 'the script of CIRKD';
  const texts = [
    ...differences('CIRKD, batch', batch, { weight: 1, temperature: 0.1 }, source),
    ...differences(
      'CIRKD, memory',
      memory,
      {
        temperature: 0.1,
        pixels: 20000,
        regions: 2000,
        pixelContrast: 4096,
        regionContrast: 1024,
        pixelsPerImage: 16,
      },
      source,
    ),
    ...differences('CIRKD', { adapterLr }, { adapterLr: 1 }, source),
    ...missingCompanions('CIRKD', config, ['kd']),
  ];
  for (const field of ['pixelWeight', 'regionWeight'] as const) {
    const published = publishedMemoryWeight(config);
    if (memory[field] !== undefined && memory[field] !== published)
      texts.push(`CIRKD: memory.${field} is ${memory[field]}; ${source} has ${published}.`);
  }
  const group = batch.group ?? config.training.batch;
  if (group !== 2)
    texts.push(
      `CIRKD: ${group} images are compared with each other; published results compare the 2 on each of 8 GPUs.`,
    );
  if (memory.keys === 'class')
    texts.push(
      'CIRKD: the memory keeps pixels of each class; the released code takes as many from the first positions of the image, whatever their class ("keys": "first" does so).',
    );
  return texts;
}
