import type { MethodConfig } from '../../protocol/config';
import { cwd as cwdLoss } from '../losses/cwd';
import type { Method } from '../method';
import { logitTerms } from './logit-terms';

/** Channel-wise distillation of the logits. */
export const cwd: Method<Extract<MethodConfig, { kind: 'cwd' }>> = {
  kind: 'cwd',
  citation:
    'Shu, Liu, Gao, Yan, Shen: Channel-wise Knowledge Distillation for Dense Prediction, ICCV 2021; weights of CIRKD.',
  claims: [],
  deviations: () => [],
  create: (options) => ({ id: 'cwd', losses: logitTerms('cwd', cwdLoss, options) }),
};
