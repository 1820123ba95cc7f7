import type { MethodConfig } from '../../protocol/config';
import { kd as kdLoss } from '../losses/kd';
import type { Method } from '../method';
import { differences } from './deviations';
import { logitTerms } from './logit-terms';

type KdConfig = Extract<MethodConfig, { kind: 'kd' }>;

/** Knowledge distillation of the class probabilities of every pixel. */
export const kd: Method<KdConfig> = {
  kind: 'kd',
  citation: 'Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015; weights of CIRKD.',
  claims: [],
  deviations: (options) =>
    differences(
      'KD',
      options,
      { weight: 1, temperature: 1, direction: 'teacher-student' },
      'the script of CIRKD',
    ),
  create: ({ kind: _kind, ...options }) => ({ id: 'kd', losses: logitTerms('kd', kdLoss, options) }),
};
