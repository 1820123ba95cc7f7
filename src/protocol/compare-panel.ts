import { z } from 'zod';
import { eventsSchema } from './packed-events';
import { sampleContentsSchema, sampleKeySchema, sampleRequestSchema, saveSchema } from './panel';
import { flatConfigSchema, runSummarySchema } from './run';

/**
 * Between the extension host and the panel that compares runs. The webview says `ready`, gets all runs whole, then what
 * their journals bring; after it was hidden it says `ready` again.
 */
const comparedSchema = z.object({
  run: runSummarySchema,
  classes: z.array(z.object({ name: z.string(), color: z.tuple([z.int(), z.int(), z.int()]) })),
  config: flatConfigSchema,
  events: eventsSchema,
});
export type ComparedRun = z.infer<typeof comparedSchema>;
export type PostedComparedRun = z.input<typeof comparedSchema>;

export const toComparePanelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('runs'), runs: z.array(comparedSchema) }),
  z.object({ kind: z.literal('events'), run: runSummarySchema, events: eventsSchema }),
  sampleContentsSchema.extend({ kind: z.literal('sample'), folder: z.string(), key: sampleKeySchema }),
  /** `folder`: whose request could not be met. */
  z.object({ kind: z.literal('problem'), message: z.string(), folder: z.string().optional() }),
]);
/** As the page gets it, and as it is posted. */
export type ToComparePanel = z.infer<typeof toComparePanelSchema>;
export type PostedToComparePanel = z.input<typeof toComparePanelSchema>;

export const fromComparePanelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  sampleRequestSchema.extend({ kind: z.literal('requestSample'), folder: z.string() }),
  z.object({ kind: z.literal('open'), folder: z.string() }),
  saveSchema,
]);
export type FromComparePanel = z.infer<typeof fromComparePanelSchema>;

/** What the page keeps from its first runs on; by it the panel returns after a window reload. */
export const compareStateSchema = z.looseObject({ folders: z.array(z.string()).min(2).max(50) });
