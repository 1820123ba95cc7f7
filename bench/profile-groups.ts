import { z } from 'zod';
import { rounded } from './statistics';

/** Time of an operation in one step, ms. */
export interface Operation {
  name: string;
  calls: number;
  ms: number;
}

/** What one side took for a step, and for which operations. */
export interface Profile {
  ms: number;
  operations: Operation[];
}

/** In the order of the table; the first that fits counts. Names of TensorFlow, of our own kernels (`own:`) and of PyTorch. */
const GROUPS: readonly { title: string; fits: RegExp }[] = [
  { title: 'update', fits: /sgd/i },
  {
    title: 'convolution, backward',
    fits: /Conv2DBackprop|^own:(winograd|direct)\w*Grad$|convolution_backward/i,
  },
  // With the frozen batch norm that belongs to it.
  { title: 'convolution, forward', fits: /Conv2D|^own:(winograd|direct)|convolution/i },
  { title: 'batch norm', fits: /norm|^own:blend/i },
  {
    title: 'losses, pools, resizing',
    fits: /entropy|softmax|nll_loss|^own:(kl|maxPool|alongAxis)|pool|upsample/i,
  },
];
const OTHERS = 'other operations';
/** JavaScript or Python, what hands operations over, copies in and out. */
const OUTSIDE = 'outside operations';
export const TITLES = [...GROUPS.map(({ title }) => title), OTHERS, OUTSIDE];

export function groupOf(operation: string): string {
  return GROUPS.find(({ fits }) => fits.test(operation))?.title ?? OTHERS;
}

/** Milliseconds of a step by group. */
export function grouped({ ms, operations }: Profile): Record<string, number> {
  const sums: Record<string, number> = Object.fromEntries(TITLES.map((title) => [title, 0]));
  for (const operation of operations) sums[groupOf(operation.name)]! += operation.ms;
  const inside = Object.values(sums).reduce((a, b) => a + b, 0);
  sums[OUTSIDE] = Math.max(0, ms - inside);
  return Object.fromEntries(Object.entries(sums).map(([title, value]) => [title, rounded(value, 1)]));
}

const groups = z.record(z.string(), z.number().nonnegative());
/** A line of `profiles.jsonl`. */
export const profileSchema = z.strictObject({
  name: z.string(),
  engine: z.enum(['tensorflow', 'wasm']),
  ours: groups,
  pytorch: groups,
});
export type GroupedProfile = z.infer<typeof profileSchema>;
