import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { SegmenterOutput } from '../../nn/segmenter';
import type { MethodConfig } from '../../protocol/config';
import { type DsdMaps, dsd as dsdLoss } from '../losses/dsd';
import type { LossTerm, Method } from '../method';
import { differences } from './deviations';
import { sameSize } from './feature-terms';

/** Double similarity distillation: of attention maps and of categories. */
export const dsd: Method<Extract<MethodConfig, { kind: 'dsd' }>> = {
  kind: 'dsd',
  citation:
    'Feng, Sun, Diao, Li, Gao: Double Similarity Distillation for Semantic Image Segmentation, TIP 2021; form and weights of CIRKD.',
  claims: [],
  deviations: (options) =>
    differences(
      'DSD',
      options,
      { pixelWeight: 1000, categoryWeight: 10, temperature: 4 },
      'the script of CIRKD',
    ),
  create: ({ pixelWeight, categoryWeight, temperature }) => ({
    id: 'dsd',
    losses: ({ engine }, outputs) =>
      outputs.flatMap(({ output, teacher }): LossTerm[] => {
        if (!teacher) return [];
        const like = output.logits;
        const { pixel, category } = dsdLoss(
          engine,
          mapsOf(engine, output, like),
          mapsOf(engine, teacher, like),
          { temperature },
        );
        return [
          { id: 'dsd.pixel', weight: pixelWeight, kind: 'scalar', value: pixel },
          { id: 'dsd.category', weight: categoryWeight, kind: 'scalar', value: category },
        ];
      }),
  }),
};

/** As CIRKD lists them; a network without auxiliary head has its logits twice. */
function mapsOf(engine: Engine, { aux, features, logits }: SegmenterOutput, like: Tensor4D): DsdMaps {
  const first = aux.find(({ kind }) => kind === 'classes')?.logits ?? logits;
  return [first, features, logits].map((map) => sameSize(engine, map, like)) as unknown as DsdMaps;
}
