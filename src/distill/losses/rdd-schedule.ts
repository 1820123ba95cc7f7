/**
 * Share of the TFE loss at a step (from 1), the rest is TSE: 1 in the TFE stage, 0 in the TSE stage.
 *
 * - `hard`: TFE while step < warmup in the released code, while step <= warmup in the paper (Algorithm 1), which is one
 *   step more; then TSE.
 * - `linear`: from the step `warmup` on (iterations - step) / (iterations - warmup), which falls from 1 to 0 at the last
 *   step. Source: train_onlykd_two_stage_diff_warmup_lamda.py of the released code; not in the paper.
 * @param warmup iter_TFE: the step of the switch
 */
export function tfeShare(options: {
  step: number;
  warmup: number;
  iterations: number;
  handover: 'hard' | 'linear';
  fidelity: 'code' | 'paper';
}): number {
  const { step, warmup, iterations, handover, fidelity } = options;
  if (step < warmup) return 1;
  if (handover === 'linear') return warmup >= iterations ? 0 : (iterations - step) / (iterations - warmup);
  return fidelity === 'paper' && step === warmup ? 1 : 0;
}
