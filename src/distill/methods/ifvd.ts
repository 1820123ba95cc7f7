import type { MethodConfig } from '../../protocol/config';
import { ifvd as ifvdLoss } from '../losses/ifvd';
import type { LossTerm, Method } from '../method';
import { differences, missingCompanions } from './deviations';
import { featurePairs } from './feature-terms';

/** Intra-class feature variation distillation on the features before the classifier. */
export const ifvd: Method<Extract<MethodConfig, { kind: 'ifvd' }>> = {
  kind: 'ifvd',
  citation:
    'Wang, Zhou, Jiang, Bai, Xu: Intra-class Feature Variation Distillation for Semantic Segmentation, ECCV 2020; weights of CIRKD.',
  claims: [],
  deviations: (options, config) => [
    ...differences('IFVD', options, { weight: 20 }, 'the script of CIRKD'),
    ...missingCompanions('IFVD', config, ['kd', 'adversarial']),
  ],
  create: ({ weight }) => ({
    id: 'ifvd',
    losses: ({ engine, labels, classes }, outputs) =>
      featurePairs(engine, outputs).map(
        ({ student, teacher }): LossTerm => ({
          id: 'ifvd',
          weight,
          kind: 'scalar',
          value: ifvdLoss(engine, student, teacher, labels, { classes }),
        }),
      ),
  }),
};
