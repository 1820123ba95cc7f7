import type { Role, StageId } from '../../src/protocol/events';
import type { Line, Lines } from '../chart/lines';
import { smooth } from '../model/smooth';
import { type Arm, meanOf, type Run } from './arms';

/** Values of a run by step of a stage. */
type Curve = Map<number, number>;

/** The loss of every arm over the steps of a stage. */
export function lossLines(arms: readonly Arm[], stage: StageId, smoothing: number): Lines {
  return linesOf(arms, (run) => lossCurve(run, stage, smoothing), false);
}

/** mIoU in percent at every evaluation of a stage. */
export function miouLines(arms: readonly Arm[], stage: StageId, role: Role): Lines {
  return linesOf(arms, (run) => miouCurve(run, stage, role), true);
}

function lossCurve({ model }: Run, stage: StageId, smoothing: number): Curve {
  const found = model.stages.find(({ id }) => id === stage);
  if (!found) return new Map();
  const { x, loss } = model.series;
  const steps: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const step = x.at(i) - found.offset;
    if (step <= 0 || step > found.iterations) continue;
    steps.push(step);
    values.push(loss.at(i));
  }
  // As in the run panel: the same slider does as much on a long run as on a short one.
  const smoothed = smooth(values, smoothing ** Math.min(1, 1000 / Math.max(1, values.length)));
  return new Map(steps.flatMap((step, i) => (smoothed[i] === null ? [] : [[step, smoothed[i]!]])));
}

function miouCurve({ model }: Run, stage: StageId, role: Role): Curve {
  const found = model.evaluations.filter((e) => e.stage === stage && e.role === role);
  return new Map(found.map(({ step, miou }) => [step, miou * 100]));
}

/** All arms over one axis: every step that any of them has. */
function linesOf(arms: readonly Arm[], curveOf: (run: Run) => Curve, sparse: boolean): Lines {
  const curves = arms.map(({ runs }) => runs.map(curveOf));
  const x = [...new Set(curves.flat().flatMap((curve) => [...curve.keys()]))].sort((a, b) => a - b);
  const lines = arms.flatMap((arm, i): Line[] => {
    const own = curves[i]!.filter(({ size }) => size > 0);
    if (own.length === 0) return [];
    const points = x.map((step) => meanOf(own.flatMap((curve) => curve.get(step) ?? [])));
    const line: Line = {
      id: arm.id,
      label: arm.label,
      color: arm.color,
      ...(arm.dash ? { dash: arm.dash } : {}),
      values: points.map((point) => point?.mean ?? null),
      // Runs of other lengths and steps leave holes in each other's axes: those are bridged, not drawn as gaps.
      sparse,
      bridged: true,
    };
    if (own.length > 1)
      line.spread = {
        low: points.map((point) => (point ? point.mean - point.deviation : null)),
        high: points.map((point) => (point ? point.mean + point.deviation : null)),
      };
    return [line];
  });
  return { x, lines, breaks: [] };
}
