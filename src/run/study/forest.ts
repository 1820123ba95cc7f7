import type { StudyReport } from '../../protocol/study';
import { seriesColor, ticks } from '../report/chart';
import { html, type Markup } from '../report/markup';
import { points, pointsInterval } from './words';

const WIDTH = 720;
const ROW = 34;
const MARGIN = { left: 190, right: 150, top: 14, bottom: 38 };

/** Differences to the reference: every seed a dot, the mean a bar, the bootstrap's and Student's intervals as lines. */
export function forestPlot({ arms, reference }: StudyReport): Markup {
  const rows = arms.flatMap((arm, index) => (arm.difference ? [{ arm, index, ...arm.difference }] : []));
  if (rows.length === 0) return html``;
  const reach = rows.flatMap(({ values, bootstrap, student }) => [
    ...values,
    ...(bootstrap ?? []),
    // With two or three seeds Student's interval can be many times wider than all else: it is cut off at the edge.
    ...(student && values.length > 3 ? student : []),
  ]);
  const marks = ticks(100 * Math.min(0, ...reach), 100 * Math.max(0, ...reach));
  const [low, high] = [marks[0]!, marks.at(-1)!];
  const right = WIDTH - MARGIN.right;
  const bottom = MARGIN.top + ROW * rows.length;
  const x = (share: number) => {
    const at = MARGIN.left + ((100 * share - low) / (high - low)) * (right - MARGIN.left);
    return Math.round(10 * Math.max(MARGIN.left, Math.min(right, at))) / 10;
  };
  return html`<div class="card"><h3>Difference to ${reference} in points of mIoU</h3>
<p class="soft small">Dots: single seeds. Upright stroke: their mean. Thick line: paired bootstrap over seeds, 95 %. Thin line: Student’s t, 95 %, cut at the edges.</p>
<svg viewBox="0 0 ${WIDTH} ${bottom + MARGIN.bottom}" role="img" aria-label="Difference of every arm to ${reference}, in points of mIoU">
${marks.map((mark) => html`<line x1="${x(mark / 100)}" x2="${x(mark / 100)}" y1="${MARGIN.top}" y2="${bottom}" stroke="var(--grid)"/><text x="${x(mark / 100)}" y="${bottom + 18}" text-anchor="middle">${mark}</text>`)}
<line x1="${x(0)}" x2="${x(0)}" y1="${MARGIN.top}" y2="${bottom}" stroke="var(--soft)"/>
${rows.map(({ arm, index, values, mean, bootstrap, student, seeds }, i) => {
  const y = MARGIN.top + ROW * (i + 0.5);
  const color = seriesColor(index);
  const line = (range: readonly [number, number] | undefined, thick: number) =>
    range &&
    html`<line x1="${x(range[0])}" x2="${x(range[1])}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="${thick}"${thick > 2 && html` opacity=".35"`}/>`;
  return html`<text x="${MARGIN.left - 12}" y="${y + 4}" text-anchor="end" style="fill:var(--ink)">${arm.name}</text>
${line(student, 1)}${line(bootstrap, 7)}
${values.map((value, k) => html`<circle cx="${x(value)}" cy="${y}" r="3.5" fill="${color}"><title>seed ${seeds[k]}: ${points(value, true)}</title></circle>`)}
<line x1="${x(mean)}" x2="${x(mean)}" y1="${y - 10}" y2="${y + 10}" stroke="${color}" stroke-width="2.5"/>
<text x="${right + 12}" y="${y + 4}">${points(mean, true)}${bootstrap && ` (${pointsInterval(bootstrap)})`}</text>`;
})}
</svg></div>`;
}
