import { z } from 'zod';
import { browserStateSchema } from '../../src/protocol/dataset-browser';
import { splitNameSchema } from '../../src/protocol/dataset-report';
import { Saved } from '../ui/saved';
import { viewportSchema, whole } from '../viewer/viewport';

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
  zoom: viewportSchema.catch(whole),
});
export type BrowserState = z.infer<typeof stateSchema>;

export class BrowserStore extends Saved<typeof stateSchema> {
  constructor() {
    super(stateSchema);
  }
}
