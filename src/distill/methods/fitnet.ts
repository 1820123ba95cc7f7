import type { MethodConfig } from '../../protocol/config';
import { Adapter } from '../adapter';
import { fitnet as fitnetLoss } from '../losses/fitnet';
import type { LossTerm, Method } from '../method';
import { differences, missingCompanions } from './deviations';
import { featurePairs } from './feature-terms';

type FitnetConfig = Extract<MethodConfig, { kind: 'fitnet' }>;

/** Hints: the features before the classifier, through a trained convolution, should equal the teacher's. */
export const fitnet: Method<FitnetConfig> = {
  kind: 'fitnet',
  citation:
    'Romero, Ballas, Kahou, Chassang, Gatta, Bengio: FitNets: Hints for Thin Deep Nets, ICLR 2015; weights of CIRKD.',
  claims: [],
  deviations: (options, config) => [
    'FitNet: the hint is learnt together with everything else, as in CIRKD; the paper trains the lower layers on it first.',
    ...differences('FitNet', options, { weight: 10, adapterLr: 1 }, 'the script of CIRKD'),
    ...missingCompanions('FitNet', config, ['kd']),
  ],
  create({ weight, adapterLr }) {
    let adapter: Adapter | undefined;
    return {
      id: 'fitnet',
      setup({ engine, network, teacher, init }) {
        if (!teacher) return;
        const from = network.network.outputs.features.channels;
        adapter = Adapter.conv(engine, from, teacher.network.outputs.features.channels, init);
      },
      trainedAlong: () => adapter && { weights: adapter.weights, lr: adapterLr },
      losses: ({ engine }, outputs) =>
        featurePairs(engine, outputs).map(
          ({ student, teacher }): LossTerm => ({
            id: 'fitnet',
            weight,
            kind: 'scalar',
            value: fitnetLoss(engine, student, teacher, { adapter: adapter!.filter }),
          }),
        ),
      arrays: () => adapter?.arrays() ?? new Map(),
      dispose() {
        adapter?.dispose();
        adapter = undefined;
      },
    };
  },
};
