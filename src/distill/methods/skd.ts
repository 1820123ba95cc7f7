import type { MethodConfig } from '../../protocol/config';
import { skdPairwise } from '../losses/skd-pairwise';
import type { LossTerm, Method } from '../method';
import { differences, missingCompanions } from './deviations';
import { featurePairs } from './feature-terms';
import { HOLISTIC_LOSS, HOLISTIC_PUBLISHED, holistic } from './holistic';

/** Structured knowledge distillation: similarities of pairs of positions, and a discriminator. */
export const skd: Method<Extract<MethodConfig, { kind: 'skd' }>> = {
  kind: 'skd',
  citation:
    'Liu, Chen, Liu, Qin, Luo, Wang: Structured Knowledge Distillation for Semantic Segmentation, CVPR 2019; form and weights of CIRKD.',
  claims: ['discriminator'],
  deviations: ({ adversarial, ...options }, config) => [
    ...(adversarial.weight > 0 ? [`SKD: ${HOLISTIC_LOSS}`] : []),
    ...differences('SKD', options, { weight: 10 }, 'the script of CIRKD'),
    ...differences('SKD, adversarial', adversarial, HOLISTIC_PUBLISHED, 'the script of CIRKD'),
    ...missingCompanions('SKD', config, ['kd']),
  ],
  create({ weight, adversarial }) {
    const ofMaps = holistic(adversarial);
    return {
      id: 'skd',
      ...ofMaps,
      losses: (ctx, outputs) => [
        ...featurePairs(ctx.engine, outputs).map(
          ({ student, teacher }): LossTerm => ({
            id: 'skd',
            weight,
            kind: 'scalar',
            value: skdPairwise(ctx.engine, student, teacher),
          }),
        ),
        ...ofMaps.losses(ctx, outputs),
      ],
    };
  },
};
