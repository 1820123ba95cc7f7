import type { TrainerHost } from '../../src/distill/host';

/** Keeps nothing of what a training tells, and lets it go on to its end. */
export const silentHost: TrainerHost = {
  emit: () => {},
  sample: async () => {},
  checkpoint: async () => {},
  best: async () => {},
  stopRequested: () => false,
  pauseRequested: () => false,
  rest: async () => {},
};
