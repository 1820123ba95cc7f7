import { z } from 'zod';
import { compareStateSchema } from '../../src/protocol/compare-panel';
import { Saved } from '../ui/saved';
import { paneIds } from '../viewer/layers';
import { viewportSchema, whole } from '../viewer/viewport';

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
  hiddenClasses: z.array(z.int()).catch([]),
  step: z.int().nullable().catch(null),
  sampleId: z.string().nullable().catch(null),
  zoom: viewportSchema.catch(whole),
});
export type CompareState = z.infer<typeof stateSchema>;

export class CompareStore extends Saved<typeof stateSchema> {
  constructor() {
    super(stateSchema);
  }
}
