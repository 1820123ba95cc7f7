import type { MethodConfig } from '../../protocol/config';
import { kd as kdLoss } from '../losses/kd';
import type { Method } from '../method';
import { logitTerms } from './logit-terms';

/** Knowledge distillation of the class probabilities of every pixel. */
export const kd: Method<Extract<MethodConfig, { kind: 'kd' }>> = {
  kind: 'kd',
  citation: 'Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015; weights of CIRKD.',
  claims: [],
  deviations: () => [],
  create: (options) => ({ id: 'kd', losses: logitTerms('kd', kdLoss, options) }),
};
