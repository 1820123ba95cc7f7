import { z } from 'zod';
import { table } from '../document';
import { median, quantile, rounded } from '../statistics';
import { type InputRow, inputRows, WORKERS } from './rows';

const times = z.array(z.number().positive()).min(1);
const about = { name: z.string(), machine: z.string() };

/** A line of `bench/results/input.jsonl`. Times are milliseconds per image, every measurement in order. */
export const inputResultSchema = z.discriminatedUnion('measures', [
  z.strictObject({
    ...about,
    measures: z.literal('rate'),
    ours: times,
    pytorch: times,
    /** Processor time, all threads and processes together. */
    oursCpu: times,
    pytorchCpu: z.array(z.number().nonnegative()),
    /** Of crops made with the same draws: largest and mean difference, labels that differ. */
    agreement: z.strictObject({ most: z.number(), mean: z.number(), labels: z.number() }),
    versions: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    ...about,
    measures: z.literal('stall'),
    engine: z.string(),
    /** Percent of a step. */
    shares: z.array(z.number().nonnegative()).min(1),
  }),
  z.strictObject({
    ...about,
    measures: z.literal('memory'),
    /** Resident memory after each tenth of the batches. */
    mib: z.array(z.number().positive()).length(10),
  }),
]);
export type InputResult = z.infer<typeof inputResultSchema>;

/** What stands in the documents, and on the terminal. */
export function inputTable(results: readonly InputResult[]): string[] {
  return table(
    ['row', 'ours', 'PyTorch', 'ratio', 'target', '', 'processor time per image'],
    results.map((result) => cells(result, inputRows.find(({ name }) => name === result.name)!)),
  );
}

function cells(result: InputResult, { name, target }: InputRow): string[] {
  const met = (is: boolean) => (is ? 'met' : 'not met');
  if (result.measures === 'rate') {
    const [ours, pytorch] = [median(result.ours), median(result.pytorch)];
    const ratio = pytorch / ours;
    const cpu = `${median(result.oursCpu).toFixed(1)} ms, PyTorch ${median(result.pytorchCpu).toFixed(1)} ms`;
    const bound = `>= ${target.toFixed(2)}`;
    return [`\`${name}\``, rate(ours), rate(pytorch), ratio.toFixed(2), bound, met(ratio >= target), cpu];
  }
  const value = result.measures === 'stall' ? median(result.shares) : growth(result.mib);
  return [`\`${name}\``, `${value.toFixed(2)} %`, '', '', `< ${target} %`, met(value < target), ''];
}

function rate(ms: number): string {
  return `${rounded(1000 / ms, 1).toFixed(1)} images/s`;
}

/** Percent, from the fourth tenth of the batches, by which the heaps of the threads have grown, to the largest after it. */
function growth(mib: readonly number[]): number {
  return 100 * (Math.max(...mib.slice(4)) / mib[3]! - 1);
}

/** Markdown for docs/benchmarks.md. */
export function inputMarkdown(results: readonly InputResult[]): string {
  const known = inputRows.filter(({ name }) => results.some((result) => result.name === name));
  const spreads = results.flatMap((result) =>
    result.measures === 'rate'
      ? [
          `- \`${result.name}\`: ${result.ours.length} runs; first to third quartile ${range(result.ours)} ms per image, PyTorch ${range(result.pytorch)} ms. Crops of the same draws differ by at most ${result.agreement.most.toPrecision(2)}, ${result.agreement.mean.toExponential(0)} on average, in ${result.agreement.labels} labels. ${Object.entries(
            result.versions,
          )
            .map((entry) => entry.join(' '))
            .join(', ')}.`,
        ]
      : result.measures === 'memory'
        ? [
            `- \`${result.name}\`: ${result.mib.map((v) => v.toFixed(0)).join(', ')} MiB after each tenth of 5000 batches.`,
          ]
        : [`- \`${result.name}\`: ${result.engine}`],
  );
  return [
    ...inputTable(results),
    '',
    ...known.map(({ name, what }) => `- \`${name}\`: ${what}.`),
    '',
    `${WORKERS} workers on both sides. Spread:`,
    '',
    ...spreads,
    '',
    ...[...new Set(results.map(({ machine }) => machine))].map((machine) => `- ${machine}`),
  ].join('\n');
}

function range(values: readonly number[]): string {
  return [0.25, 0.75].map((q) => quantile(values, q).toFixed(2)).join(' - ');
}
