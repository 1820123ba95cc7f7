import type { MethodConfig } from '../../protocol/config';
import { attentionTransfer } from '../losses/attention-transfer';
import type { LossTerm, Method } from '../method';
import { differences, missingCompanions } from './deviations';
import { featurePairs } from './feature-terms';

/** Attention transfer on the features before the classifier. */
export const at: Method<Extract<MethodConfig, { kind: 'at' }>> = {
  kind: 'at',
  citation:
    'Zagoruyko, Komodakis: Paying More Attention to Attention, ICLR 2017; form and weight of CIRKD (last features only).',
  claims: [],
  deviations: (options, config) => [
    ...differences('AT', options, { weight: 10000 }, 'the script of CIRKD'),
    ...missingCompanions('AT', config, ['kd']),
  ],
  create: ({ weight }) => ({
    id: 'at',
    losses: ({ engine }, outputs) =>
      featurePairs(engine, outputs).map(
        ({ student, teacher }): LossTerm => ({
          id: 'at',
          weight,
          kind: 'scalar',
          value: attentionTransfer(engine, student, teacher),
        }),
      ),
  }),
};
