import { z } from 'zod';

/** A run that waits for its turn. */
const entrySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Absolute path. */
  configFile: z.string(),
  /** The file as it was when the run was queued: what is changed later is for later runs. */
  configText: z.string(),
  addedAt: z.number(),
  /** When its worker was started; the entry goes when there is a run folder. */
  startingAt: z.number().optional(),
  /** Why it could not be started; it is passed over until somebody says to try again. */
  problem: z.string().optional(),
});
export type QueueEntry = z.infer<typeof entrySchema>;

/** `.distill/queue/queue.json`: what waits, in order. */
export const queueSchema = z.object({
  version: z.literal(1),
  /** Nothing more is started; what runs goes on to its end. */
  held: z.boolean(),
  entries: z.array(entrySchema),
});
export type Queue = z.infer<typeof queueSchema>;
