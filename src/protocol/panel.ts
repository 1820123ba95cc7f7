import { z } from 'zod';
import { layerSchema } from './events';
import { eventsSchema } from './packed-events';
import { runSummarySchema } from './run';

/**
 * Between the extension host and its webviews (run panel and Live view). A webview says `ready`, gets one complete
 * `snapshot`, then `events` as the journal grows; after it was hidden it says `ready` again. Pixels travel as
 * ArrayBuffer, never as text.
 */

/** A picture as it crosses to a webview. `data` has the length height * width * channels * bytes per element. */
export const layerDataSchema = layerSchema.omit({ file: true }).extend({ data: z.instanceof(ArrayBuffer) });
export type LayerData = z.infer<typeof layerDataSchema>;

export const sampleKeySchema = z.object({
  stage: z.enum(['teacher', 'student']),
  step: z.int(),
  id: z.string(),
});
export type SampleKey = z.infer<typeof sampleKeySchema>;

/** What is asked for: a sample, or for a start something that is there sooner. */
export const sampleRequestSchema = z.object({ key: sampleKeySchema, coarse: z.boolean() });
export type SampleRequest = z.infer<typeof sampleRequestSchema>;

/** What comes. `of`: the true size, where the layers are a coarse preview of a larger sample. */
export const sampleContentsSchema = z.object({
  of: z.object({ height: z.int().positive(), width: z.int().positive() }).optional(),
  layers: z.array(layerDataSchema),
});
export type SampleContents = z.infer<typeof sampleContentsSchema>;

/** The parts of the run panel. */
export const panelTabSchema = z.enum(['curves', 'samples', 'classes', 'configuration', 'notes']);
export type PanelTab = z.infer<typeof panelTabSchema>;

export const toWebviewSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('snapshot'),
    /** null: the Live view when nothing runs or ran. */
    run: runSummarySchema.nullable(),
    classes: z.array(z.object({ name: z.string(), color: z.tuple([z.int(), z.int(), z.int()]) })),
    deviations: z.array(z.string()),
    /** The resolved configuration as formatted JSON. */
    configText: z.string(),
    events: eventsSchema,
  }),
  z.object({
    kind: z.literal('events'),
    run: runSummarySchema,
    events: eventsSchema,
  }),
  sampleContentsSchema.extend({ kind: z.literal('sample'), key: sampleKeySchema }),
  /** Somebody asked for this part of the run. */
  z.object({ kind: z.literal('show'), tab: panelTabSchema }),
  /** A request could not be met (a file of the run is gone); shown where the result would be. */
  z.object({ kind: z.literal('problem'), message: z.string() }),
]);
/** As the page gets it, and as it is posted. */
export type ToWebview = z.infer<typeof toWebviewSchema>;
export type PostedToWebview = z.input<typeof toWebviewSchema>;

/** Something to be written to a file that the user chooses: `name` is what the dialog offers. */
export const saveSchema = z.object({
  kind: z.literal('save'),
  name: z
    .string()
    .max(200)
    .regex(/^[^/\\]+[.](png|svg|csv|json)$/),
  data: z.union([z.string(), z.instanceof(ArrayBuffer)]),
});
export type SaveRequest = z.infer<typeof saveSchema>;

export const fromWebviewSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  sampleRequestSchema.extend({ kind: z.literal('requestSample') }),
  saveSchema,
  /** What the user noted about the run. */
  z.object({ kind: z.literal('notes'), text: z.string().max(100_000) }),
  z.object({
    kind: z.literal('command'),
    command: z.enum(['stop', 'pause', 'continue', 'resume', 'openConfig', 'reveal', 'openRun', 'browse']),
  }),
]);
/**
 * What the run panel must keep with `setState` (beside anything of its own: tab, step, zoom), from its first snapshot on:
 * the folder of its run, by which the extension host finds the run again after a window reload. `run.folder` of the snapshot.
 */
export const panelStateSchema = z.looseObject({ runFolder: z.string() });
export type PanelState = z.infer<typeof panelStateSchema>;
export type FromWebview = z.infer<typeof fromWebviewSchema>;
