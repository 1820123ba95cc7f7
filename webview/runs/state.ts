import { z } from 'zod';
import { savedState, saveState } from '../ui/host';

/** What the table remembers while it is hidden and across window reloads. Every field falls back by itself. */
const stateSchema = z.object({
  words: z.string().catch(''),
  filters: z.record(z.string(), z.string()).catch({}),
  sort: z.object({ column: z.string(), down: z.boolean() }).catch({ column: 'created', down: true }),
  /** Columns that are shown or hidden against what is usual, by id. */
  columns: z.record(z.string(), z.boolean()).catch({}),
  /** Only columns that say different things of the runs. */
  differing: z.boolean().catch(false),
  archived: z.boolean().catch(false),
  /** Folders of the runs that are chosen. */
  chosen: z.array(z.string()).catch([]),
});
export type TableState = z.infer<typeof stateSchema>;

export class TableStore {
  #state: TableState;

  constructor() {
    const saved = savedState();
    this.#state = stateSchema.parse(typeof saved === 'object' && saved !== null ? saved : {});
  }

  get value(): Readonly<TableState> {
    return this.#state;
  }

  set(change: Partial<TableState>): void {
    this.#state = { ...this.#state, ...change };
    saveState(this.#state);
  }
}
