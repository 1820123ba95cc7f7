import { z } from 'zod';
import { configSchema } from './config';
import { augmentSchema } from './config-augment';

/**
 * What is running, or how it ended. `paused`: its process lives and rests between two steps. `crashed`: the folder says
 * running, but its process is gone. Neither is ever written to the manifest.
 */
export const runStatusSchema = z.enum([
  'starting',
  'running',
  'paused',
  'finished',
  'stopped',
  'failed',
  'crashed',
]);
export type RunStatus = z.infer<typeof runStatusSchema>;

const otherNetwork = z.looseObject({ model: z.string(), backbone: z.string(), width: z.number() });

/**
 * A configuration that another version wrote and this one does not understand in whole: enough of it to list the run, to show
 * and to compare it. It cannot be resumed.
 */
const otherConfig = z.looseObject({
  dataset: z.looseObject({ kind: z.string() }),
  methods: z.array(z.looseObject({ kind: z.string() })),
  student: otherNetwork,
  teacher: otherNetwork.optional(),
  training: z.looseObject({
    seed: z.int(),
    iterations: z.int().min(1),
    teacherIterations: z.int().min(1).optional(),
    batch: z.int().min(1),
    crop: z.tuple([z.int(), z.int()]),
    augment: augmentSchema.catch(() => augmentSchema.parse({})),
  }),
  engine: z.string(),
});

/** `run.json`: everything about a run that is not an event. Written beside and renamed. */
export const runManifestSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[\w.-]+$/),
  name: z.string(),
  createdAt: z.number(),
  /** Absolute path of the configuration the run was started from, if it came from a file. */
  configFile: z.string().optional(),
  /** The configuration as the user wrote it (comments included) and as resolved. */
  configText: z.string(),
  config: z.union([configSchema, otherConfig as unknown as typeof configSchema]),
  /** Absolute folder that relative paths of the configuration start from. */
  base: z.string(),
  /** Method ids in order; empty for a baseline. */
  methods: z.array(z.string()),
  /** Where this run knowingly differs from the papers or the released code. */
  deviations: z.array(z.string()),
  /** As many as the bytes of a label map can tell apart. */
  classes: z.array(z.object({ name: z.string(), color: z.tuple([z.int(), z.int(), z.int()]) })).max(256),
  engine: z.object({ name: z.string(), device: z.string(), versions: z.record(z.string(), z.string()) }),
  host: z.object({ name: z.string(), platform: z.string(), node: z.string(), cpus: z.int() }),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).optional(),
  status: runStatusSchema,
  endedAt: z.number().optional(),
  error: z.string().optional(),
});
export type RunManifest = z.infer<typeof runManifestSchema>;

/** `lock.json` in the run folder while a process trains it. */
export const runLockSchema = z.object({
  pid: z.int().min(1),
  host: z.string(),
  /** Start time of the process as the system tells it, so that a reused pid is not mistaken for the worker. */
  startedAt: z.number(),
  /** Linux: which boot `startedAt` counts from. */
  boot: z.string().optional(),
});
export type RunLock = z.infer<typeof runLockSchema>;

/**
 * `notes.json` in the run folder: what a user says about a run. Kept apart from what the worker writes, so that neither
 * overwrites the other; every field falls back by itself.
 */
export const runNotesSchema = z.object({
  version: z.literal(1).catch(1),
  /** Takes the place of the name the run was started with. */
  name: z.string().min(1).max(80).optional().catch(undefined),
  starred: z.boolean().catch(false),
  /** Put away: lists show it only on request. */
  archived: z.boolean().catch(false),
  text: z.string().max(100_000).catch(''),
});
export type RunNotes = z.infer<typeof runNotesSchema>;

/** The values of a configuration by their paths. */
export const flatConfigSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type FlatConfig = z.infer<typeof flatConfigSchema>;

/** What lists show of a run; derived from manifest, notes, lock and journal. */
export const runSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  folder: z.string(),
  status: runStatusSchema,
  methods: z.array(z.string()),
  student: z.string(),
  createdAt: z.number(),
  endedAt: z.number().optional(),
  stage: z.enum(['teacher', 'student']).optional(),
  step: z.number().optional(),
  iterations: z.number().optional(),
  /** Whole run, 0..1. */
  progress: z.number(),
  etaMs: z.number().optional(),
  loss: z.number().optional(),
  /** Best validation mIoU so far, CIRKD convention, 0..1. */
  bestStudentMiou: z.number().optional(),
  bestTeacherMiou: z.number().optional(),
  engine: z.string().optional(),
  error: z.string().optional(),
  /** While it goes on: images the network in training sees per second, by the last steps. */
  samplesPerSecond: z.number().optional(),
  /** While it goes on: bytes of memory its process holds. */
  memory: z.number().optional(),
  /** Of the user, from `notes.json`. */
  starred: z.boolean(),
  archived: z.boolean(),
  notes: z.string(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;
