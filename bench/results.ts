import { z } from 'zod';
import type { RowPlan } from './rows';
import { median, quantile, rounded } from './statistics';

/**
 * What is written: `latest.json`, the rows; `details.jsonl`, how each came about. Peak memory has no milliseconds: in
 * rows named `peak-rss-*` the two fields hold MiB.
 */
export const rowSchema = z.strictObject({
  name: z.string(),
  ours_ms: z.number().positive(),
  pytorch_ms: z.number().positive(),
  /** ours / PyTorch. */
  ratio: z.number().positive(),
  engine: z.enum(['tensorflow', 'wasm']),
  /** How many times each side was measured, after warm-up. */
  runs: z.int().min(1),
});
export const resultsSchema = z.array(rowSchema);
export type Row = z.infer<typeof rowSchema>;

const samples = z.array(z.number().positive()).min(1);
export const detailSchema = z.strictObject({
  name: z.string(),
  engine: z.enum(['tensorflow', 'wasm']),
  /** Every measurement, in order. */
  ours: samples,
  /** By memory format; the best one is the row's. */
  pytorch: z.record(z.string(), samples),
  /** Work of one run as PyTorch counts it: multiplications and additions of convolutions and products, 10^9. */
  gflop: z.number().nonnegative(),
  /** The fastest of a square float32 matrix product after each round, on the same threads, 10^9 flop/s; 0 if not measured. */
  sgemm: z.number().nonnegative(),
  /** Largest share of one processor that either side used while the other one was measured. */
  idle: z.number().nonnegative(),
  /** The same of everything else on the machine. */
  others: z.number().nonnegative(),
  /** Rounds that did not count because something else was at work on the machine. */
  repeated: z.int().min(0),
  /** Largest relative difference of the loss of the first step, or of what it has instead. */
  agreement: z.number().nonnegative(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
});
export type Detail = z.infer<typeof detailSchema>;

/** Which of PyTorch's memory formats is the best, by the median. */
export function bestFormat(pytorch: Detail['pytorch']): string {
  const formats = Object.entries(pytorch).sort(([, a], [, b]) => median(a) - median(b));
  return formats[0]![0];
}

export function rowOf(detail: Detail): Row {
  const ours = rounded(median(detail.ours), 1);
  const pytorch = rounded(median(detail.pytorch[bestFormat(detail.pytorch)]!), 1);
  return {
    name: detail.name,
    ours_ms: ours,
    pytorch_ms: pytorch,
    ratio: rounded(ours / pytorch, 3),
    engine: detail.engine,
    runs: detail.ours.length,
  };
}

/** First and third quartile. */
export function spread(values: readonly number[]): [number, number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

/** What was there before with the new ones in their place, in the order of the plan. */
export function merged<T extends { name: string; engine: string }>(
  plan: readonly Pick<RowPlan, 'name' | 'engine'>[],
  before: readonly T[],
  fresh: readonly T[],
): T[] {
  return plan.flatMap(({ name, engine }) => {
    const same = (entry: T) => entry.name === name && entry.engine === engine;
    const entry = fresh.find(same) ?? before.find(same);
    return entry ? [entry] : [];
  });
}
