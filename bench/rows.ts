import type { EngineName } from '../src/engine/engine';
import type { Workload } from './workload';

/** A row of the results. */
export interface RowPlan {
  name: string;
  engine: Extract<EngineName, 'tensorflow' | 'wasm'>;
  workload: Workload;
  measures: 'time' | 'memory';
  /** What the ratio (ours / PyTorch) is meant to stay at or below. */
  target: number;
  /** For the table. */
  what: string;
}

const student = (size: number): Workload => ({ name: 'student', size });
const step = 'DeepLabV3-ResNet18, batch 2: forward, backward, SGD';

export const rows: readonly RowPlan[] = [
  {
    name: 'student-step-128',
    engine: 'tensorflow',
    workload: student(128),
    measures: 'time',
    target: 0.92,
    what: `${step}, 128 x 128`,
  },
  {
    name: 'student-step-256',
    engine: 'tensorflow',
    workload: student(256),
    measures: 'time',
    target: 0.92,
    what: `${step}, 256 x 256`,
  },
  {
    name: 'rdd-step-256',
    engine: 'tensorflow',
    workload: { name: 'rdd', size: 256 },
    measures: 'time',
    target: 0.8,
    what: 'RDD: frozen DeepLabV3-ResNet101 with auxiliary head teaches a ResNet18, TSE + KD, batch 2, 256 x 256',
  },
  {
    name: 'lad-teacher-step-256',
    engine: 'tensorflow',
    workload: { name: 'lad-teacher', size: 256 },
    measures: 'time',
    target: 0.92,
    what: 'LAD: teacher (ResNet18, 4 channels) on two noised paths with consistency, batch 2, 256 x 256',
  },
  {
    name: 'eval-forward-512',
    engine: 'tensorflow',
    workload: { name: 'evaluation', size: 512 },
    measures: 'time',
    target: 0.8,
    what: 'Evaluation: one decoded image of 512 x 512 to the class of every pixel',
  },
  {
    name: 'student-step-128',
    engine: 'wasm',
    workload: student(128),
    measures: 'time',
    target: 3,
    what: `${step}, 128 x 128`,
  },
  {
    name: 'peak-rss-student-256',
    engine: 'tensorflow',
    workload: student(256),
    measures: 'memory',
    target: 1,
    what: 'Largest resident memory of a process that takes student steps at 256 x 256 (MiB, not ms)',
  },
];

/** The rows asked for. Errors: a name or an engine that there is not. */
export function selectRows(
  only: readonly string[] | undefined,
  engine: string | undefined,
): readonly RowPlan[] {
  const known = (values: readonly string[]) => [...new Set(values)].join(', ');
  for (const name of only ?? [])
    if (!rows.some((row) => row.name === name))
      throw new Error(`There is no row "${name}". There are: ${known(rows.map((row) => row.name))}.`);
  if (engine !== undefined && !rows.some((row) => row.engine === engine))
    throw new Error(`No row has the engine "${engine}". There are: ${known(rows.map((row) => row.engine))}.`);
  const selected = rows.filter(
    (row) => (!only || only.includes(row.name)) && (engine === undefined || row.engine === engine),
  );
  if (selected.length === 0) throw new Error('No row has that name and that engine.');
  return selected;
}
