import { roleName, termLabel, watchedLabel } from '../model/names';
import type { Evaluation, RunModel } from '../model/run-model';
import { firstAfter } from '../model/series';
import { smooth } from '../model/smooth';
import { t } from '../ui/l10n';
import type { ThemeColor } from '../ui/theme';

/** One line of a chart. Where a line has an unsmoothed twin, the twin is drawn faintly beneath it. */
export interface Line {
  id: string;
  label: string;
  color: ThemeColor;
  /** Tells lines apart without colour. */
  dash?: number[];
  values: (number | null)[];
  faint?: (number | null)[];
  /** A band about the line, as far as several runs spread. */
  spread?: { low: (number | null)[]; high: (number | null)[] };
  /** Few values with long ways between them: draw dots and connect them. */
  sparse?: boolean;
  /** Values are missing where other lines have some; connect across. */
  bridged?: boolean;
}

export interface Lines {
  x: number[];
  lines: Line[];
  /** First position of every stage but the first: no line is drawn into it from the stage before. */
  breaks: number[];
}

const termStyles: Pick<Line, 'color' | 'dash'>[] = [
  { color: 'green', dash: [6, 3] },
  { color: 'purple', dash: [2, 3] },
  { color: 'yellow', dash: [8, 3, 2, 3] },
  { color: 'red', dash: [4, 4] },
  { color: 'orange', dash: [1, 2] },
];

const watchedStyles: Pick<Line, 'color' | 'dash'>[] = [{ color: 'blue' }, ...termStyles];

/** The same slider does as much on a long run as on a short one: at most a thousandth of the run counts as one step. */
function runningWeight(smoothing: number, steps: number): number {
  return smoothing ** Math.min(1, 1000 / Math.max(1, steps));
}

export function lossLines(model: RunModel, smoothing: number): Lines {
  const { x, loss, terms } = model.series;
  const starts = new Set(stageStarts(model));
  const weight = runningWeight(smoothing, x.length);
  const total: Line = {
    id: 'loss',
    label: t('loss'),
    color: 'blue',
    values: smooth(loss.values, weight, starts),
  };
  if (smoothing > 0) total.faint = smooth(loss.values, 0);
  return {
    ...axis(model),
    lines: [
      total,
      ...[...terms].map(([id, column], i) => ({
        id,
        label: termLabel(id),
        ...termStyles[i % termStyles.length]!,
        values: smooth(column.values, weight, starts),
      })),
    ],
  };
}

/** What methods watch beside the loss; no lines where there is nothing of the kind. */
export function watchedLines(model: RunModel, smoothing: number): Lines {
  const { x, watched } = model.series;
  const starts = new Set(stageStarts(model));
  const weight = runningWeight(smoothing, x.length);
  const lines = [...watched].map(
    ([id, column], i): Line => ({
      id,
      label: watchedLabel(id),
      ...watchedStyles[i % watchedStyles.length]!,
      values: smooth(column.values, weight, starts),
    }),
  );
  const any = lines.filter(({ values }) => values.some((value) => value !== null));
  return any.length > 0 ? { ...axis(model), lines: any } : { x: [], lines: [], breaks: [] };
}

export function rateLines(model: RunModel): Lines {
  const values = smooth(model.series.lr.values, 0);
  return { ...axis(model), lines: [{ id: 'lr', label: t('learning rate'), color: 'green', values }] };
}

function axis(model: RunModel): Pick<Lines, 'x' | 'breaks'> {
  const x = Array.from(model.series.x.values);
  return { x, breaks: stageStarts(model).map((i) => x[i]!) };
}

/** Indices of the first step of every stage but the first. */
function stageStarts(model: RunModel): number[] {
  const x = model.series.x.values;
  return model.stages.map((s) => firstAfter(x, s.offset)).filter((start) => start > 0 && start < x.length);
}

/** Student and teacher on one axis: every position at which either was evaluated. */
export function miouLines(model: RunModel): Lines {
  const x = [...new Set(model.evaluations.map((e) => e.x))].sort((a, b) => a - b);
  const at = (all: Evaluation[]) => {
    const values = new Map(all.map((e) => [e.x, e.miou * 100]));
    return x.map((position) => values.get(position) ?? null);
  };
  const of = (role: Evaluation['role']) => model.evaluations.filter((e) => e.role === role);
  const lines: Line[] = [];
  const student = of('student');
  const teacher = of('teacher');
  if (student.length > 0)
    lines.push({ id: 'student', label: roleName.student, color: 'blue', values: at(student), sparse: true });
  if (teacher.length > 0)
    lines.push({
      id: 'teacher',
      label: roleName.teacher,
      // Not orange: newer dark themes make charts.orange from a translucent find highlight, hardly visible as a line.
      color: 'yellow',
      dash: [6, 3],
      values: at(teacher),
      sparse: true,
    });
  return { x, lines, breaks: [] };
}
