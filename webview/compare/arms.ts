import type { ComparedRun } from '../../src/protocol/compare-panel';
import type { StageId } from '../../src/protocol/events';
import type { FlatConfig, RunSummary } from '../../src/protocol/run';
import type { Line } from '../chart/lines';
import { RunModel } from '../model/run-model';
import { t } from '../ui/l10n';

/** A run that is compared. */
export interface Run {
  summary: RunSummary;
  model: RunModel;
  classes: ComparedRun['classes'];
  config: FlatConfig;
}

export function runOf({ run, classes, config, events }: ComparedRun): Run {
  const model = new RunModel();
  model.apply(events);
  return { summary: run, model, classes, config };
}

/** One line of every chart and one column of every table: a run, or several that differ in their seeds alone. */
export interface Arm {
  id: string;
  label: string;
  runs: readonly Run[];
  color: Line['color'];
  dash: number[] | undefined;
}

const colors: Line['color'][] = ['blue', 'yellow', 'green', 'purple', 'red'];
const dashes: (number[] | undefined)[] = [undefined, [7, 3], [2, 3], [9, 3, 2, 3]];

/** Runs with the same configuration but for the seed, by that configuration. */
function withoutSeed({ config }: Run): string {
  const { 'training.seed': _, engine: __, ...rest } = config;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b)));
}

/** Whether folding seeds changes anything. */
export function hasSeeds(runs: readonly Run[]): boolean {
  return new Set(runs.map(withoutSeed)).size < runs.length;
}

/** Names by which runs are told apart; those of the same name by their seeds, or by when they were started. */
export function labelOf(run: Run, runs: readonly Run[]): string {
  const { name, id } = run.summary;
  const same = runs.filter((other) => other.summary.name === name);
  if (same.length === 1) return name;
  const seeds = new Set(same.map(({ config }) => config['training.seed']));
  return seeds.size === same.length
    ? t('{0}, seed {1}', name, String(run.config['training.seed']))
    : `${name} (${id.slice(0, 15)})`;
}

/** @param fold runs that differ in their seeds alone become one arm */
export function armsOf(runs: readonly Run[], fold: boolean): Arm[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = fold ? withoutSeed(run) : run.summary.folder;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const all = [...groups.values()];
  return all.map((group, i) => {
    const first = group[0]!;
    const label =
      group.length > 1
        ? t(
            '{0}, {1} seeds',
            labelOf(first, [first, ...runs.filter((run) => !group.includes(run))]),
            group.length,
          )
        : labelOf(first, runs);
    return {
      id: first.summary.folder,
      label,
      runs: group,
      color: colors[i % colors.length]!,
      // Colour and dash together: twenty arms that can be told apart, the first five by colour alone.
      dash: dashes[Math.floor(i / colors.length) % dashes.length],
    };
  });
}

/** Mean and sample standard deviation; one value spreads by nothing. */
export function meanOf(values: readonly number[]): { mean: number; deviation: number } | undefined {
  if (values.length === 0) return undefined;
  const mean = values.reduce((a, b) => a + b) / values.length;
  if (values.length === 1) return { mean, deviation: 0 };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** Paths at which the configurations of these runs differ. */
export function differingPaths(runs: readonly Run[]): string[] {
  const paths = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  return [...paths].filter((path) => new Set(runs.map(({ config }) => config[path])).size > 1);
}

/** Stages that any of the runs has. */
export function stagesOf(runs: readonly Run[]): StageId[] {
  return (['teacher', 'student'] as const).filter((stage) =>
    runs.some(({ model }) => model.stages.some(({ id }) => id === stage)),
  );
}
