import type { RunStatus, RunSummary } from '../../src/protocol/run';
import type { RunRow } from '../../src/protocol/runs-panel';
import { bytes, duration, number, percent, rate } from '../model/format';
import { isLive, methodLabel, statusLabel } from '../model/names';
import { t } from '../ui/l10n';

export type Cell = string | number | undefined;

/** A column of the table of runs. */
export interface Column {
  id: string;
  label: string;
  group: 'run' | 'result' | 'configuration';
  /** What is sorted, filtered and exported. */
  value(row: RunRow): Cell;
  /** What is shown; what a filter's words are looked for in. */
  text(value: Cell): string;
  numeric: boolean;
  /** Shown unless the user says otherwise. */
  shown: boolean;
}

type Reader = (run: RunSummary) => Cell;
const plain = (value: Cell): string => (value === undefined ? '' : String(value));

function text(id: string, label: string, read: Reader, shown = true): Column {
  return {
    id,
    label,
    group: 'run',
    value: ({ summary }) => read(summary),
    text: plain,
    numeric: false,
    shown,
  };
}
function figure(
  id: string,
  label: string,
  read: (run: RunSummary) => number | undefined,
  format: (value: number) => string,
  shown = true,
): Column {
  return {
    id,
    label,
    group: 'result',
    value: ({ summary }) => read(summary),
    text: (value) => (typeof value === 'number' ? format(value) : ''),
    numeric: true,
    shown,
  };
}

const miou = (value: number): string => percent(value);

export const fixedColumns: readonly Column[] = [
  text('name', t('Run'), (run) => run.name),
  text('status', t('Status'), (run) => statusLabel[run.status as RunStatus]),
  text('methods', t('Method'), (run) => methodLabel(run.methods)),
  text('student', t('Student'), (run) => run.student),
  figure('studentMiou', t('Student mIoU'), (run) => run.bestStudentMiou, miou),
  figure('teacherMiou', t('Teacher mIoU'), (run) => run.bestTeacherMiou, miou),
  figure('gap', t('Gap'), gapOf, miou),
  figure('loss', t('Loss'), (run) => run.loss, number),
  figure(
    'progress',
    t('Done'),
    (run) => run.progress,
    (value) => `${percent(value, 0)} %`,
  ),
  figure('step', t('Step'), (run) => run.step, plain, false),
  figure('took', t('Took'), tookOf, duration),
  figure('left', t('Left'), (run) => run.etaMs, duration, false),
  figure('speed', t('Images/s'), (run) => run.samplesPerSecond, rate, false),
  figure('memory', t('Memory'), (run) => run.memory, bytes, false),
  { ...figure('created', t('Started'), (run) => run.createdAt, startText), group: 'run' },
  text('engine', t('Engine'), (run) => run.engine),
  text('notes', t('Notes'), (run) => run.notes.replace(/\s+/g, ' ').trim()),
  text('starred', t('Starred'), (run) => (run.starred ? t('yes') : t('no')), false),
  text('id', t('Folder'), (run) => run.id, false),
];

/** Student minus teacher. */
function gapOf({ bestStudentMiou: student, bestTeacherMiou: teacher }: RunSummary): number | undefined {
  return student === undefined || teacher === undefined ? undefined : student - teacher;
}

function tookOf(run: RunSummary): number | undefined {
  if (isLive(run.status)) return Date.now() - run.createdAt;
  return run.endedAt === undefined ? undefined : run.endedAt - run.createdAt;
}

function startText(at: number): string {
  const time = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The fixed columns and one for every path that a configuration of these runs has, in the order of their paths. */
export function columnsOf(rows: readonly RunRow[]): Column[] {
  const paths = new Map<string, boolean>();
  for (const { config } of rows)
    for (const [path, value] of Object.entries(config))
      paths.set(path, (paths.get(path) ?? true) && typeof value === 'number');
  const configured = [...paths].map(
    ([path, numeric]): Column => ({
      id: `config.${path}`,
      label: path,
      group: 'configuration',
      value: ({ config }) => {
        const value = config[path];
        return typeof value === 'boolean' ? String(value) : value;
      },
      text: numeric ? (value) => (typeof value === 'number' ? number(value) : '') : plain,
      numeric,
      shown: true,
    }),
  );
  return [...fixedColumns, ...configured];
}

/** Whether a column says different things of these runs. */
export function differs(column: Column, rows: readonly RunRow[]): boolean {
  const first = rows[0] && column.value(rows[0]);
  return rows.some((row) => column.value(row) !== first);
}
