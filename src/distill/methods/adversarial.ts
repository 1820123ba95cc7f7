import type { MethodConfig } from '../../protocol/config';
import type { Method } from '../method';
import { differences } from './deviations';
import { HOLISTIC_LOSS, HOLISTIC_PUBLISHED, holistic } from './holistic';

/** The discriminator of SKD alone, to go with any other method, as CIRKD has it with IFVD and CWD. */
export const adversarial: Method<Extract<MethodConfig, { kind: 'adversarial' }>> = {
  kind: 'adversarial',
  citation:
    'Liu, Chen, Liu, Qin, Luo, Wang: Structured Knowledge Distillation for Semantic Segmentation, CVPR 2019 (holistic); form and weights of CIRKD.',
  claims: ['discriminator'],
  deviations: ({ kind: _kind, ...options }) => [
    `Adversarial: ${HOLISTIC_LOSS}`,
    ...differences('Adversarial', options, HOLISTIC_PUBLISHED, 'the script of CIRKD'),
  ],
  create: ({ kind: _kind, ...options }) => ({ id: 'adversarial', ...holistic(options) }),
};
