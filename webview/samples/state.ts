import { z } from 'zod';
import { browserStateSchema } from '../../src/protocol/dataset-browser';
import { splitNameSchema } from '../../src/protocol/dataset-report';
import { savedState, saveState } from '../ui/host';

/** What the sample browser remembers while it is hidden and across window reloads. Every field falls back by itself. */
const stateSchema = browserStateSchema.partial().extend({
  split: splitNameSchema.catch('train'),
  name: z.string().catch(''),
  classId: z.int().nullable().catch(null),
  problems: z.boolean().catch(false),
  /** Of the sample that is shown, within its split. */
  index: z.int().min(0).catch(0),
  opacity: z.number().min(0).max(1).catch(0.6),
  beside: z.boolean().catch(true),
  hiddenClasses: z.array(z.int()).catch([]),
  zoom: z
    .object({ scale: z.number().min(1).max(64), left: z.number(), top: z.number() })
    .catch({ scale: 1, left: 0, top: 0 }),
});
export type BrowserState = z.infer<typeof stateSchema>;

export class BrowserStore {
  #state: BrowserState;

  constructor() {
    const saved = savedState();
    this.#state = stateSchema.parse(typeof saved === 'object' && saved !== null ? saved : {});
  }

  get value(): Readonly<BrowserState> {
    return this.#state;
  }

  set(change: Partial<BrowserState>): void {
    this.#state = { ...this.#state, ...change };
    saveState(this.#state);
  }
}
