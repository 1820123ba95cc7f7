import { z } from 'zod';
import { configFields } from './config';

/**
 * Between the extension host (or the command line) and the child process that trains. The run folder is the truth:
 * messages only say that something new can be read there, or ask for an end.
 */
export const workerCommandSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    /** Absolute path of the configuration. */
    configFile: z.string(),
    /** What to train if it is not what the file says by now (a run that waited in a queue). */
    configText: z.string().optional(),
    /** Absolute folder that holds `.distill/runs`. */
    workspace: z.string(),
    /** Takes the place of the configuration's `engine` (the setting `distillation.engine`, `--engine`). */
    engine: configFields.shape.engine.unwrap().optional(),
  }),
  z.object({ kind: z.literal('resume'), runFolder: z.string() }),
  /** Finish the step, write a checkpoint, end as `stopped`. */
  z.object({ kind: z.literal('stop') }),
]);
export type WorkerCommand = z.infer<typeof workerCommandSchema>;

export const workerMessageSchema = z.discriminatedUnion('kind', [
  /** The run folder exists and can be followed. */
  z.object({ kind: z.literal('created'), runFolder: z.string(), id: z.string() }),
  /** The journal grew. */
  z.object({ kind: z.literal('progress') }),
  /** Before or after training something could not go on; complete in itself. */
  z.object({ kind: z.literal('error'), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('ended'), status: z.enum(['finished', 'stopped', 'failed']) }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
