import { z } from 'zod';
import { Saved } from '../ui/saved';

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

export class TableStore extends Saved<typeof stateSchema> {
  constructor() {
    super(stateSchema);
  }
}
