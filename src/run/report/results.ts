import type { EvaluationEvent } from '../../protocol/events';
import { type Arm, bestOf } from './arm';
import { seriesColor } from './chart';
import { html, type Markup } from './markup';

/** `41.2`, the unit stands in the head of the column. */
export function percent(share: number | null | undefined): string {
  return share === undefined || share === null ? '–' : (100 * share).toFixed(1);
}

/** Method of a run in words. */
export function methodOf(arm: Arm): string {
  return arm.manifest.methods.map((id) => id.toUpperCase()).join(' + ') || 'baseline';
}

/** Scores of every run. */
export function results(arms: readonly Arm[]): Markup {
  const best = arms.map((arm) => bestOf(arm.evaluations.student)?.miou ?? 0);
  const top = Math.max(...best);
  return html`<section><h2>Results</h2>
<p class="soft small">mIoU on the validation split in percent: the plain mean over all classes, an absent class counts as 0.
“Best” is the highest of all evaluations, “last” the one after the last step.</p>
<div class="card scroll"><table>
<thead><tr><th>Run</th><th>Method</th><th class="n">Student<br>best</th><th class="n">Student<br>last</th><th class="n">Pixel<br>accuracy</th><th class="n">Teacher<br>best</th><th class="n">Teacher<br>last</th><th class="n">Steps</th><th class="n">Seed</th><th class="n">Time</th></tr></thead>
<tbody>${arms.map((arm, i) => {
    const { student, teacher } = arm.evaluations;
    return html`<tr><th scope="row"><span class="chip" style="background:${seriesColor(i)}"></span>${arm.label}<span class="status">${arm.summary.status}</span></th>
<td>${methodOf(arm)}</td>
<td class="n">${best[i] === top && arms.length > 1 ? html`<b class="top">${percent(best[i])}</b>` : percent(bestOf(student)?.miou)}</td>
<td class="n">${percent(student.at(-1)?.miou)}</td><td class="n">${percent(student.at(-1)?.pixelAccuracy)}</td>
<td class="n">${percent(bestOf(teacher)?.miou)}</td><td class="n">${percent(teacher.at(-1)?.miou)}</td>
<td class="n">${arm.steps.teacher.length > 0 && `${arm.steps.teacher.at(-1)!.step} + `}${arm.steps.student.at(-1)?.step ?? 0}</td>
<td class="n">${arm.manifest.config.training.seed}</td><td class="n">${time(arm)}</td></tr>`;
  })}</tbody></table></div>
${arms.map((arm) => arm.summary.error && html`<p><b>${arm.label}</b>: ${arm.summary.error}</p>`)}</section>`;
}

/** IoU of every class at the best evaluation of each network. */
export function perClass(arms: readonly Arm[]): Markup {
  const columns = arms.flatMap((arm) =>
    (['student', 'teacher'] as const).flatMap((role) => {
      const evaluation = bestOf(arm.evaluations[role]);
      return evaluation ? [{ arm, role, evaluation }] : [];
    }),
  );
  if (columns.length === 0) return html``;
  const classes = arms[0]!.manifest.classes;
  return html`<section><h2>IoU per class</h2>
<p class="soft small">In percent, at the best evaluation of each network; – where a class occurs neither in labels nor in answers.</p>
<div class="card scroll"><table>
<thead><tr><th>Class</th>${columns.map(({ arm, role }) => html`<th class="n"><span class="chip" style="background:${seriesColor(arm.index)}"></span>${arm.label}<br>${role}</th>`)}</tr></thead>
<tbody>${classes.map(
    ({ name, color }, id) =>
      html`<tr><th scope="row"><span class="chip" style="background:rgb(${color.join(',')})"></span>${name}</th>${columns.map(({ evaluation }) => cell(evaluation, id))}</tr>`,
  )}</tbody></table></div></section>`;
}

function cell({ iou }: EvaluationEvent, id: number): Markup {
  const value = iou[id];
  return html`<td class="n bar" style="--share:${Math.round(100 * (value ?? 0))}%">${percent(value)}</td>`;
}

function time({ summary, steps }: Arm): string {
  const end = summary.endedAt ?? [...steps.teacher, ...steps.student].at(-1)?.at ?? summary.createdAt;
  const seconds = Math.round((end - summary.createdAt) / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
