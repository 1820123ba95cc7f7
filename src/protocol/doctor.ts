import { z } from 'zod';

/** What `distill doctor --json` prints and the Engine view shows. */

/** Why no GPU is used, in plain words; or that one is. */
export const gpuVerdictSchema = z.discriminatedUnion('used', [
  z.object({ used: z.literal(true), name: z.string() }),
  z.object({
    used: z.literal(false),
    /** An NVIDIA GPU is in this machine: that it is not used is worth a warning. */
    expected: z.boolean(),
    reason: z.string(),
    remedy: z.string(),
  }),
]);
export type GpuVerdict = z.infer<typeof gpuVerdictSchema>;

const available = z.object({
  name: z.string(),
  available: z.literal(true),
  description: z.object({
    name: z.string(),
    device: z.enum(['cpu', 'gpu']),
    versions: z.record(z.string(), z.string()),
    summary: z.string(),
  }),
  /** Names of the checks that gave wrong numbers; empty when all is well. */
  failures: z.array(z.string()),
  /** Convolution with both gradients, 10^9 floating-point operations per second. */
  gflops: z.number(),
  /** Others used much of the processor while that was measured: it may be faster. Asked again before long. */
  disturbed: z.boolean().optional(),
  /** Of an engine that can use an NVIDIA GPU. */
  gpu: gpuVerdictSchema.optional(),
});

const refused = z.object({
  name: z.string(),
  available: z.literal(false),
  /** Complete sentences, ending with what to do. */
  reason: z.string(),
  gpu: gpuVerdictSchema.optional(),
});

/** What was found out about one engine. */
export const engineReportSchema = z.discriminatedUnion('available', [available, refused]);
export type EngineReport = z.infer<typeof engineReportSchema>;

export const doctorReportSchema = z.object({
  /** In the order in which they are listed. */
  engines: z.array(engineReportSchema),
  /** What `auto` opens; null: nothing can compute here. */
  auto: z.string().nullable(),
  /** Why not what would have been better, one sentence each. */
  why: z.array(z.string()),
  /** Which TensorFlow is set up; null: none. */
  tensorflow: z
    .object({ source: z.string(), version: z.string(), origin: z.string(), folder: z.string().nullable() })
    .nullable(),
  /** Milliseconds since the epoch of the oldest verdict; verdicts are kept until something they depend on changes. */
  checkedAt: z.number(),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** A way to set an engine up, as `distill doctor --sources --json` lists it. */
export const setUpChoiceSchema = z.object({
  engine: z.enum(['tensorflow', 'webgpu']),
  /** Where TensorFlow comes from (`--from`); of another engine what brings it. */
  source: z.string(),
  gpu: z.boolean(),
  title: z.string(),
  /** Bytes to download, and on the disk while it is set up. 0: nothing. */
  download: z.number(),
  disk: z.number(),
  /** About how long it takes: `1 to 5 min`. */
  time: z.string(),
  /** What it needs; plain sentences, the most telling first. */
  needs: z.string(),
  /** Undefined: it can be tried. Else one sentence about what is missing here. */
  refused: z.string().optional(),
  /** Given with `--python`. */
  python: z.string().optional(),
});
export type SetUpChoice = z.infer<typeof setUpChoiceSchema>;

/** One line of what `distill doctor --install --json` prints while it works. */
export const setUpProgressSchema = z.object({
  text: z.string(),
  done: z.number().optional(),
  total: z.number().optional(),
});
export type SetUpProgress = z.infer<typeof setUpProgressSchema>;
