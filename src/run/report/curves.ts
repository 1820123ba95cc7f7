import type { Role, StageId } from '../../protocol/events';
import type { Arm } from './arm';
import { binned, lineChart, type Series } from './chart';
import { html, type Markup } from './markup';

/** Points of a loss curve. Single steps are too noisy to compare runs by. */
const BINS = 60;

/** mIoU and loss of all runs over each other; loss terms of each run. */
export function curves(arms: readonly Arm[]): Markup {
  const charts = [
    scores(arms, 'student'),
    scores(arms, 'teacher'),
    losses(arms, 'student'),
    losses(arms, 'teacher'),
  ].filter((chart) => chart !== undefined);
  const parts = arms
    .flatMap((arm) => [terms(arm, 'teacher'), terms(arm, 'student')])
    .filter((chart) => chart !== undefined);
  if (charts.length === 0) return html``;
  return html`<section><h2>Curves</h2>
<p class="soft small">Losses are means over stretches of steps. A loss is the weighted sum of all terms, so different methods have different levels.</p>
<div class="charts">${charts}</div>
${parts.length > 0 && html`<details><summary>Terms of every loss</summary><div class="charts" style="margin-top:12px">${parts}</div></details>`}</section>`;
}

function scores(arms: readonly Arm[], role: Role): Markup | undefined {
  const series = arms
    .map((arm) => ({
      name: arm.label,
      index: arm.index,
      points: arm.evaluations[role].map(({ step, miou }) => ({ x: step, y: miou })),
      dots: true,
    }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  return lineChart({
    title: `mIoU of the ${role}`,
    xLabel: `step of the ${role} stage`,
    yLabel: 'percent',
    series,
    format: (y) => String(Math.round(1000 * y) / 10),
    fromZero: true,
  });
}

function losses(arms: readonly Arm[], stage: StageId): Markup | undefined {
  const series = arms
    .map((arm) => ({
      name: arm.label,
      index: arm.index,
      points: binned(
        arm.steps[stage].map(({ step, loss }) => ({ x: step, y: loss })),
        BINS,
      ),
    }))
    .filter(({ points }) => points.length > 1);
  if (series.length === 0) return undefined;
  return lineChart({
    title: `Training loss of the ${stage} stage`,
    xLabel: 'step',
    yLabel: 'loss',
    series,
    format: (y) => String(y),
    fromZero: true,
  });
}

/** The parts of a loss, where there are several. */
function terms(arm: Arm, stage: StageId): Markup | undefined {
  const steps = arm.steps[stage];
  const ids = [...new Set(steps.flatMap(({ terms: parts }) => Object.keys(parts)))];
  if (ids.length < 2) return undefined;
  const series: Series[] = ids
    .map((id, index) => ({
      name: id,
      index,
      points: binned(
        steps.flatMap(({ step, terms: parts }) =>
          parts[id] === undefined ? [] : [{ x: step, y: parts[id] }],
        ),
        BINS,
      ),
    }))
    .filter(({ points }) => points.length > 1);
  if (series.length === 0) return undefined;
  return lineChart({
    title: `${arm.label}: loss terms of the ${stage} stage`,
    xLabel: 'step',
    yLabel: 'weighted loss',
    series,
    format: (y) => String(y),
    fromZero: true,
  });
}
