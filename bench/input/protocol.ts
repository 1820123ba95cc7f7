import type { EngineName } from '../../src/engine/engine';
import type { Loading } from './rows';

/** What our process is asked: one request, as JSON on its command line; it answers with one line of JSON. */
export type InputRequest =
  | {
      do: 'load';
      loading: Loading;
      root: string;
      cacheMiB: number;
      workers: number;
      warmUp: number;
      batches: number;
    }
  /** Writes crops and how they were drawn into a folder, for the other side to make the same. */
  | { do: 'crops'; loading: Loading; root: string; count: number; folder: string }
  | { do: 'stall'; root: string; engine: EngineName; steps: number }
  | { do: 'memory'; batches: number };

export interface InputAnswers {
  load: Load;
  crops: Record<string, never>;
  stall: { share: number; ms: number; engine: string };
  /** Resident memory in MiB after collecting garbage, ten times in equal distances. */
  memory: { mib: number[] };
}

/** Milliseconds per image: on the clock, and of all processors together. */
export interface Load {
  ms: number;
  cpu: number;
  shape: number[];
}
