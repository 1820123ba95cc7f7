import type { MethodConfig } from '../../protocol/config';
import { Adapter } from '../adapter';
import { cwd as cwdLoss } from '../losses/cwd';
import type { LossTerm, Method, MethodInstance } from '../method';
import { differences, missingCompanions } from './deviations';
import { featurePairs } from './feature-terms';
import { logitTerms } from './logit-terms';

type CwdConfig = Extract<MethodConfig, { kind: 'cwd' }>;

/** Channel-wise distillation of the logits, the features before the classifier, or both. */
export const cwd: Method<CwdConfig> = {
  kind: 'cwd',
  citation:
    'Shu, Liu, Gao, Yan, Shen: Channel-wise Knowledge Distillation for Dense Prediction, ICCV 2021; weights of CIRKD.',
  claims: [],
  deviations: (options, config) => [
    ...differences(
      'CWD',
      options,
      {
        on: 'both',
        ...(options.on !== 'features' && { weight: 3 }),
        ...(options.on !== 'logits' && { featureWeight: 50, adapterLr: 1 }),
        temperature: 4,
      },
      'the script of CIRKD',
    ),
    ...missingCompanions('CWD', config, ['kd', 'adversarial']),
  ],
  create: createCwd,
};

function createCwd({ on, weight, featureWeight, temperature, adapterLr }: CwdConfig): MethodInstance {
  const ofLogits = on === 'features' ? undefined : logitTerms('cwd', cwdLoss, { weight, temperature });
  if (on === 'logits') return { id: 'cwd', losses: ofLogits! };
  let adapter: Adapter | undefined;
  return {
    id: 'cwd',
    setup({ engine, network, teacher, init }) {
      if (!teacher) return;
      const from = network.network.outputs.features.channels;
      const to = teacher.network.outputs.features.channels;
      if (from !== to) adapter = Adapter.conv(engine, from, to, init);
    },
    trainedAlong: () => adapter && { weights: adapter.weights, lr: adapterLr },
    losses: (ctx, outputs) => [
      ...(ofLogits?.(ctx, outputs) ?? []),
      ...featurePairs(ctx.engine, outputs).map(
        ({ student, teacher }): LossTerm => ({
          id: 'cwd.features',
          weight: featureWeight,
          kind: 'scalar',
          value: cwdLoss(ctx.engine, student, teacher, {
            temperature,
            ...(adapter && { adapter: adapter.filter }),
          }),
        }),
      ),
    ],
    arrays: () => adapter?.arrays() ?? new Map(),
    dispose() {
      adapter?.dispose();
      adapter = undefined;
    },
  };
}
