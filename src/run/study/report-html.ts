import type { StudyArmResult, StudyReport } from '../../protocol/study';
import { lineChart, seriesColor } from '../report/chart';
import { html, Markup } from '../report/markup';
import { style } from '../report/style';
import { forestPlot } from './forest';
import { mean } from './statistics';
import { meanCost, minutes, points, pointsInterval, scoreInWords } from './words';

const ownStyle = `
td.up{background:#1baf7a2e}td.down{background:#d959262e}
td small{color:var(--soft)}
.charts .card{max-width:640px}
svg circle{stroke:var(--card);stroke-width:1.5}
`;

/** One self-contained HTML page about a study: no network, no scripts. The same results give the same page. */
export function studyHtml(report: StudyReport): string {
  const { name, about, finished, planned, seeds } = report;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Study: ${name}</title>
<style>${new Markup(style + ownStyle)}</style>
</head>
<body><main>
<h1>${name}</h1>
${about && html`<p>${about}</p>`}
<p class="soft">${finished} of ${planned} runs finished; seeds ${seeds.join(', ')}. Runs of a seed share the student’s initial weights and its crops, so differences are taken seed by seed.</p>
${table(report)}
${forestPlot(report)}
${curves(report)}
${perClass(report)}
${cost(report)}
${setup(report)}
</main></body>
</html>
`.text;
}

function table(report: StudyReport): Markup {
  return html`<section><h2>Results</h2><p class="soft small">${scoreInWords(report)} ± is the sample standard deviation over seeds. Intervals are of the mean difference to ${report.reference}; a bootstrap over few seeds is narrower than the truth, Student’s t is the careful one.</p>
<div class="card scroll"><table><thead><tr><th>Arm</th><th>Methods</th><th class="n">mIoU</th><th class="n">By seed</th><th class="n">Difference</th><th class="n">Bootstrap 95 %</th><th class="n">t 95 %</th><th class="n">Teacher</th></tr></thead>
<tbody>${report.arms.map((arm, i) => {
    const d = arm.difference;
    const teachers = arm.runs.flatMap(({ teacherMiou }) => teacherMiou ?? []);
    return html`<tr><th scope="row"><span class="chip" style="background:${seriesColor(i)}"></span>${arm.name}</th>
<td>${arm.methods.join(' + ').toUpperCase() || 'baseline'}</td>
<td class="n">${arm.mean === undefined ? 'not yet' : points(arm.mean)}${arm.sd !== undefined && html` <small>± ${points(arm.sd)}</small>`}</td>
<td class="n">${arm.runs.map(({ status, miou }) => (status === 'finished' ? points(miou!) : '–')).join('  ')}</td>
<td class="n">${d && points(d.mean, true)}</td><td class="n">${d?.bootstrap && pointsInterval(d.bootstrap)}</td><td class="n">${d?.student && pointsInterval(d.student)}</td>
<td class="n">${arm.teacher !== undefined ? `of ${arm.teacher}` : teachers.length > 0 ? points(mean(teachers)) : ''}</td></tr>`;
  })}</tbody></table></div>
${report.arms.flatMap((arm) => arm.runs.map((run) => run.error && html`<p><b>${arm.name}, seed ${run.seed}</b>: ${run.error}</p>`))}</section>`;
}

function curves(report: StudyReport): Markup {
  const series = report.arms
    .map((arm, index) => ({ name: arm.name, index, points: meanCurve(arm), dots: true }))
    .filter(({ points: p }) => p.length > 1);
  if (series.length === 0) return html``;
  return html`<section><h2>Curves</h2><div class="charts">${lineChart({
    title: 'mIoU of the student, mean over seeds',
    xLabel: 'step of the student stage',
    yLabel: 'percent',
    series,
    format: (y) => String(Math.round(1000 * y) / 10),
    fromZero: true,
  })}</div></section>`;
}

/** Over the steps at which all finished runs were evaluated. */
function meanCurve({ runs }: StudyArmResult): { x: number; y: number }[] {
  const done = runs.filter(({ status }) => status === 'finished');
  const at = (curve: (typeof done)[number]['curve'], step: number) =>
    curve.find((point) => point.step === step)?.miou;
  return (done[0]?.curve ?? []).flatMap(({ step }) => {
    const values = done.map(({ curve }) => at(curve, step));
    return values.every((value) => value !== undefined) ? [{ x: step, y: mean(values) }] : [];
  });
}

function perClass({ arms, classes, reference }: StudyReport): Markup {
  const base = arms.find(({ name }) => name === reference);
  const shown = arms.flatMap((arm, index) => (arm.difference ? [{ arm, index, d: arm.difference }] : []));
  if (!base || shown.length === 0) return html``;
  const own = (id: number) => {
    const values = base.runs.flatMap(({ status, iou }) => (status === 'finished' ? (iou?.[id] ?? []) : []));
    return values.length > 0 ? points(mean(values)) : '–';
  };
  return html`<section><h2>IoU per class</h2><p class="soft small">${reference} in percent; the others as mean difference to it in points.</p>
<div class="card scroll"><table><thead><tr><th>Class</th><th class="n">${reference}</th>${shown.map(({ arm, index }) => html`<th class="n"><span class="chip" style="background:${seriesColor(index)}"></span>${arm.name}</th>`)}</tr></thead>
<tbody>${classes.map(
    ({ name, color }, id) =>
      html`<tr><th scope="row"><span class="chip" style="background:rgb(${color.join(',')})"></span>${name}</th><td class="n">${own(id)}</td>${shown.map(
        ({ d }) => {
          const value = d.iou[id];
          if (typeof value !== 'number') return html`<td class="n">–</td>`;
          const side = Math.abs(value) < 0.005 ? '' : value > 0 ? ' up' : ' down';
          return html`<td class="n${side}">${points(value, true)}</td>`;
        },
      )}</tr>`,
  )}</tbody></table></div></section>`;
}

function cost({ arms }: StudyReport): Markup {
  return html`<section><h2>Cost</h2><p class="soft small">Means over finished runs: time in optimiser steps of both stages (evaluations not counted), median step of the student stage, most memory its process was seen to hold.</p>
<div class="card scroll"><table><thead><tr><th>Arm</th><th class="n">Training</th><th class="n">Student step</th><th class="n">Memory</th></tr></thead>
<tbody>${arms.map((arm) => {
    const { seconds, stepMs, peakMemory } = meanCost(arm);
    return html`<tr><th scope="row">${arm.name}</th><td class="n">${minutes(seconds)}</td><td class="n">${stepMs !== undefined && `${Math.round(stepMs)} ms`}</td><td class="n">${peakMemory !== undefined && `${Math.round(peakMemory / 2 ** 20)} MiB`}</td></tr>`;
  })}</tbody></table></div></section>`;
}

function setup({ arms, machines }: StudyReport): Markup {
  return html`<section><h2>How it was made</h2><div class="card"><ul>${machines.map((machine) => html`<li>${machine}</li>`)}</ul></div>
${arms.map(
  (arm) => html`<div class="card"><h3>${arm.name}</h3>${arm.about && html`<p>${arm.about}</p>`}
<dl><dt>Student</dt><dd>${arm.student}</dd>${arm.teacher !== undefined && html`<dt>Teacher</dt><dd>the student of ${arm.teacher}, of the same seed</dd>`}
<dt>Runs</dt><dd>${arm.runs.map(({ run, seed }) => `${seed}: ${run ?? 'not yet'}`).join(', ')}</dd></dl>
${arm.deviations.length > 0 && html`<div>Differs from papers and released code</div><ul>${arm.deviations.map((text) => html`<li>${text}</li>`)}</ul>`}</div>`,
)}</section>`;
}
