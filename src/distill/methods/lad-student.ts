import type { LadConfig } from '../../protocol/config';
import { cwd } from '../losses/cwd';
import { dist } from '../losses/dist';
import { kd } from '../losses/kd';
import { pixelKl } from '../losses/pixel-kl';
import type { LossTerm, StepContext, ViewOutputs } from '../method';
import { logitTerms } from './logit-terms';

/** What the file of LAD's student has for each loss. */
export const LAD_STUDENT_PUBLISHED = {
  cwd: { weight: 3, temperature: 4 },
  'pixel-kl': { weight: 1, temperature: 4 },
  kd: { weight: 1, temperature: 1 },
  dist: { weight: 1, temperature: 1 },
} as const;

/** The terms by which LAD's teacher itself teaches. */
export function ladStudentTerms({
  loss,
  ...given
}: LadConfig['student']): (ctx: StepContext, outputs: readonly ViewOutputs[]) => LossTerm[] {
  if (loss === 'none') return () => [];
  const published = LAD_STUDENT_PUBLISHED[loss];
  const options = {
    weight: given.weight ?? published.weight,
    temperature: given.temperature ?? published.temperature,
  };
  switch (loss) {
    case 'cwd':
      return logitTerms('cwd', cwd, options);
    case 'pixel-kl':
      return logitTerms('pixel-kl', pixelKl, options);
    case 'kd':
      return logitTerms('kd', kd, options);
    case 'dist':
      return logitTerms('dist', dist, { ...options, inter: 1, intra: 1 });
  }
  return loss satisfies never;
}
