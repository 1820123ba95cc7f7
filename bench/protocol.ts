import type { EngineName } from '../src/engine/engine';
import type { Profile } from './profile-groups';
import type { Workload } from './workload';

/** What our child process is asked, one line of JSON each; the PyTorch one (pytorch/main.py) has its own dialect. */
export type Request =
  | { do: 'open'; engine: EngineName }
  /** `weights`: write weights and batch into the folder, for the other side. */
  | { do: 'prepare'; workload: Workload; folder: string; weights: boolean }
  | { do: 'check'; steps: number }
  | { do: 'step' }
  | { do: 'memory' }
  | { do: 'profile'; steps: number };

/** Named numbers by which the two sides are seen to do the same work. */
export type Figures = Record<string, number>;

export interface Answers {
  open: { summary: string; versions: Record<string, string> };
  prepare: Record<string, never>;
  check: { steps: Figures[] };
  step: { ms: number };
  memory: { mib: number };
  profile: Profile;
}
