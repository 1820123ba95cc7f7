import { z } from 'zod';
import { compareStateSchema } from '../../src/protocol/compare-panel';
import { savedState, saveState } from '../ui/host';
import { paneIds } from '../viewer/layers';

/** What the panel remembers while it is hidden and across window reloads. Every field falls back by itself. */
const stateSchema = compareStateSchema.partial().extend({
  tab: z.enum(['curves', 'classes', 'samples', 'configuration']).catch('curves'),
  stage: z.enum(['teacher', 'student']).catch('student'),
  smoothing: z.number().min(0).max(0.99).catch(0.6),
  log: z.boolean().catch(false),
  fold: z.boolean().catch(true),
  hidden: z.array(z.string()).catch([]),
  /** The arm that the others are compared with. */
  reference: z.string().nullable().catch(null),
  layer: z.enum(paneIds).catch('student'),
  opacity: z.number().min(0).max(1).catch(0.6),
  step: z.int().nullable().catch(null),
  sampleId: z.string().nullable().catch(null),
  zoom: z
    .object({ scale: z.number().min(1).max(64), left: z.number(), top: z.number() })
    .catch({ scale: 1, left: 0, top: 0 }),
});
export type CompareState = z.infer<typeof stateSchema>;

export class CompareStore {
  #state: CompareState;

  constructor() {
    const saved = savedState();
    this.#state = stateSchema.parse(typeof saved === 'object' && saved !== null ? saved : {});
  }

  get value(): Readonly<CompareState> {
    return this.#state;
  }

  set(change: Partial<CompareState>): void {
    this.#state = { ...this.#state, ...change };
    saveState(this.#state);
  }
}
