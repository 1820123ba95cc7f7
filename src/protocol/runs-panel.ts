import { z } from 'zod';
import { saveSchema } from './panel';
import { flatConfigSchema, runSummarySchema } from './run';

/**
 * Between the extension host and the table of all runs. The webview says `ready`, gets every run once, then those that
 * changed; after it was hidden it says `ready` again.
 */

/** One run of the table: what lists show, and the values of its configuration by path. */
const rowSchema = z.object({ summary: runSummarySchema, config: flatConfigSchema });
export type RunRow = z.infer<typeof rowSchema>;

export const toRunsPanelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('runs'), rows: z.array(rowSchema) }),
  z.object({ kind: z.literal('changed'), rows: z.array(rowSchema), gone: z.array(z.string()) }),
]);
export type ToRunsPanel = z.infer<typeof toRunsPanelSchema>;

export const runsPanelCommandSchema = z.enum([
  'open',
  'compare',
  'star',
  'unstar',
  'archive',
  'unarchive',
  'rename',
  'notes',
  'delete',
]);
export type RunsPanelCommand = z.infer<typeof runsPanelCommandSchema>;

export const fromRunsPanelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('command'),
    command: runsPanelCommandSchema,
    folders: z.array(z.string()).min(1),
  }),
  saveSchema,
]);
export type FromRunsPanel = z.infer<typeof fromRunsPanelSchema>;
