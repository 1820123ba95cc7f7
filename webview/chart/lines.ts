import { termLabel } from '../model/names';
import type { Evaluation, RunModel } from '../model/run-model';
import { firstAfter } from '../model/series';
import { smooth } from '../model/smooth';
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
  /** Few values with long ways between them: draw dots and connect them. */
  sparse?: boolean;
}

export interface Lines {
  x: number[];
  lines: Line[];
}

const termStyles: Pick<Line, 'color' | 'dash'>[] = [
  { color: 'green', dash: [6, 3] },
  { color: 'purple', dash: [2, 3] },
  { color: 'orange', dash: [8, 3, 2, 3] },
  { color: 'red', dash: [4, 4] },
  { color: 'yellow', dash: [1, 2] },
];

export function lossLines(model: RunModel, smoothing: number): Lines {
  const { loss, terms } = model.series;
  const steps = new StepColumns(model);
  const total: Line = {
    id: 'loss',
    label: 'loss',
    color: 'blue',
    values: steps.column(loss.values, smoothing),
  };
  if (smoothing > 0) total.faint = steps.column(loss.values, 0);
  return {
    x: steps.x,
    lines: [
      total,
      ...[...terms].map(([id, column], i) => ({
        id,
        label: termLabel(id),
        ...termStyles[i % termStyles.length]!,
        values: steps.column(column.values, smoothing),
      })),
    ],
  };
}

export function rateLines(model: RunModel): Lines {
  const steps = new StepColumns(model);
  const values = steps.column(model.series.lr.values, 0);
  return { x: steps.x, lines: [{ id: 'lr', label: 'learning rate', color: 'green', values }] };
}

/** Columns of the step series for drawing: a hole between two stages, so that no line leads from one into the other. */
class StepColumns {
  readonly x: number[];
  readonly #starts: number[];

  constructor(model: RunModel) {
    const x = model.series.x.values;
    this.#starts = model.stages
      .map((s) => firstAfter(x, s.offset))
      .filter((start) => start > 0 && start < x.length)
      .sort((a, b) => b - a);
    this.x = Array.from(x);
    for (const start of this.#starts) this.x.splice(start, 0, x[start]! - 0.5);
  }

  column(values: Float64Array, smoothing: number): (number | null)[] {
    const drawn = smooth(values, smoothing, new Set(this.#starts));
    for (const start of this.#starts) drawn.splice(start, 0, null);
    return drawn;
  }
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
    lines.push({ id: 'student', label: 'student', color: 'blue', values: at(student), sparse: true });
  if (teacher.length > 0)
    lines.push({
      id: 'teacher',
      label: 'teacher',
      color: 'orange',
      dash: [6, 3],
      values: at(teacher),
      sparse: true,
    });
  return { x, lines };
}
