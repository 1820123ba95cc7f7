import type { MethodConfig } from '../../protocol/config';
import { dist as distLoss } from '../losses/dist';
import type { Method } from '../method';
import { differences } from './deviations';
import { logitTerms } from './logit-terms';

/** DIST: correlation of the class probabilities, per pixel and per class. */
export const dist: Method<Extract<MethodConfig, { kind: 'dist' }>> = {
  kind: 'dist',
  citation:
    'Huang, You, Wang, Qian, Xu: Knowledge Distillation from a Stronger Teacher, NeurIPS 2022; weights of its segmentation.',
  claims: [],
  deviations: (options) =>
    differences('DIST', options, { weight: 1, inter: 1, intra: 1, temperature: 1 }, 'the released code'),
  create: ({ kind: _kind, ...options }) => ({ id: 'dist', losses: logitTerms('dist', distLoss, options) }),
};
