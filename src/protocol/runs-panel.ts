import { z } from 'zod';
import { saveSchema } from './panel';
import type { FlatConfig, RunSummary } from './run';

/**
 * Between the extension host and the table of all runs. The webview says `ready`, gets every run once, then those that
 * changed; after it was hidden it says `ready` again.
 */

/** One run of the table: what lists show, and the values of its configuration by path. */
export interface RunRow {
  summary: RunSummary;
  config: FlatConfig;
}
// Rows are made by this extension from files that were checked when they were read; a thousand are not checked again.
const rowSchema = z.custom<RunRow>(
  (v) => typeof v === 'object' && v !== null && 'summary' in v && 'config' in v,
);

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
