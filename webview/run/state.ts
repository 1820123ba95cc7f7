import { z } from 'zod';
import { panelStateSchema, panelTabSchema } from '../../src/protocol/panel';
import { Saved } from '../ui/saved';
import { layerIds } from '../viewer/layers';
import { viewportSchema, whole } from '../viewer/viewport';

const sampleChoice = z.object({ stage: z.enum(['teacher', 'student']), step: z.int() });

/** What the run panel remembers while it is hidden and across window reloads. Every field falls back by itself. */
const stateSchema = panelStateSchema.partial().extend({
  tab: panelTabSchema.catch('curves'),
  smoothing: z.number().min(0).max(0.99).catch(0.6),
  log: z.boolean().catch(false),
  /** Lines of the charts that are switched off. */
  hiddenLines: z.array(z.string()).catch([]),
  opacity: z.number().min(0).max(1).catch(0.6),
  hiddenClasses: z.array(z.int()).catch([]),
  /** null: follow the newest sample. */
  step: sampleChoice.nullable().catch(null),
  sampleId: z.string().nullable().catch(null),
  mode: z.enum(['all', 'errors', 'disagreement']).catch('all'),
  stretch: z.boolean().catch(true),
  /** In which order the samples of a step are listed. */
  order: z.enum(['taken', 'student', 'difficulty', 'disagreement']).catch('taken'),
  /** A pane with one layer over another. */
  composed: z
    .object({
      on: z.boolean(),
      base: z.enum(layerIds),
      over: z.enum(layerIds),
      opacity: z.number().min(0).max(1),
    })
    .catch({ on: false, base: 'difficulty', over: 'difference', opacity: 0.6 }),
  zoom: viewportSchema.catch(whole),
});
export type RunState = z.infer<typeof stateSchema>;

export class StateStore extends Saved<typeof stateSchema> {
  constructor() {
    super(stateSchema);
  }
}
