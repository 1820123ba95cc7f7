import { parseArgs } from 'node:util';
import { summary, table } from './document';
import { measureInput } from './input/measure';
import { inputTable } from './input/results';
import { type Effort, measure } from './measure';
import type { Detail } from './results';
import type { RowPlan } from './rows';
import { rowNames, select } from './select';
import { record, recordInput, recordProfile, recordStudio } from './store';
import { measureStudio } from './studio/measure';
import { studioTable } from './studio/results';
import { takeProfile } from './take-profile';

const USAGE = `npm run bench [-- OPTIONS]      Speed and memory: of training beside PyTorch, of the studio in VS Code;
                             docs/benchmarks.md says how.

  --only ROW,ROW   these rows: ${rowNames.join(', ')}
  --engine NAME    rows of this engine: tensorflow or wasm
  --runs N         measurements of each side after warm-up (default 9)
  --quick          3 measurements, whatever else the machine does; nothing is written
  --profile        where the time of a TensorFlow step goes, by operation, on both sides
                   (with --quick: printed, not written)
`;
/** Fewer are printed, but not written. */
const LEAST_RUNS = 7;
const FULL: Effort = { runs: 9, warmUp: 1, quiet: true };
const QUICK: Effort = { runs: 3, warmUp: 1, quiet: false };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      engine: { type: 'string' },
      runs: { type: 'string' },
      quick: { type: 'boolean' },
      profile: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { steps: selected, input, studio } = select(values.only?.split(','), values.engine);
  const effort = effortOf(values);
  if (values.profile) {
    const profiled = selected.filter(
      ({ measures, engine }) => measures === 'time' && engine === 'tensorflow',
    );
    if (profiled.length === 0) throw new Error('Only the steps of the engine tensorflow have a profile.');
    for (const row of profiled) {
      const profile = await takeProfile(row);
      if (!values.quick) recordProfile(profile);
    }
    return 0;
  }
  const done: Detail[] = [];
  const refused: string[] = [];
  for (const row of selected) {
    console.error(`${row.name} (${row.engine}) ...`);
    try {
      done.push(await measure(row, effort));
    } catch (error) {
      refused.push(why([`${row.name} (${row.engine})`], error));
      continue;
    }
    report(done.at(-1)!, row);
    if (effort.runs >= LEAST_RUNS) record(done.at(-1)!);
  }
  for (const row of input) {
    console.error(`${row.name} ...`);
    try {
      const result = await measureInput(row, effort.runs);
      console.log(inputTable([result]).join('\n'));
      if (effort.runs >= LEAST_RUNS) recordInput(result);
    } catch (error) {
      refused.push(why([row.name], error));
    }
  }
  if (studio.length > 0)
    try {
      await measureStudio(studio, effort.runs < LEAST_RUNS, {
        begins: (names) => console.error(`${names.join(', ')} ...`),
        done: (result) => {
          console.log(studioTable([result]).join('\n'));
          if (effort.runs >= LEAST_RUNS) recordStudio(result);
        },
        refused: (names, error) => refused.push(why(names, error)),
      });
    } catch (error) {
      refused.push(
        why(
          studio.map(({ name }) => name),
          error,
        ),
      );
    }
  if (done.length > 1) console.log(`\n${overview(done, selected).join('\n')}`);
  if (effort.runs < LEAST_RUNS) console.log(`Not written: fewer than ${LEAST_RUNS} measurements.`);
  for (const reason of refused) console.error(`Refused: ${reason}`);
  return refused.length > 0 ? 1 : 0;
}

function why(names: readonly string[], error: unknown): string {
  return `${names.join(', ')}: ${error instanceof Error ? error.message : String(error)}`;
}

function effortOf({ runs, quick }: { runs?: string | undefined; quick?: boolean | undefined }): Effort {
  const effort = quick ? QUICK : FULL;
  if (runs === undefined) return effort;
  const count = Number(runs);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--runs ${runs}: a whole number of 1 or more.`);
  return { ...effort, runs: count };
}

function report(detail: Detail, row: RowPlan): void {
  console.log(overview([detail], [row]).join('\n'));
  console.log(`  losses agree to ${detail.agreement.toExponential(1)}`);
  if (row.measures === 'time')
    console.log(
      `  ${detail.gflop} Gflop, ${((1000 * detail.gflop) / detail.sgemm).toFixed(0)} ms at sgemm speed (${detail.sgemm} Gflop/s); the resting side used at most ${percent(detail.idle)} of a processor, everything else ${percent(detail.others)}`,
    );
  for (const [side, values] of Object.entries({ ours: detail.ours, ...detail.pytorch }))
    console.log(`  ${side}: ${values.join(' ')}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function overview(details: readonly Detail[], plans: readonly RowPlan[]): string[] {
  return table(
    ['row', 'engine', 'ours', 'PyTorch', 'ratio', 'target', ''],
    details.map((detail) =>
      summary(detail, plans.find(({ name, engine }) => name === detail.name && engine === detail.engine)!),
    ),
  );
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
