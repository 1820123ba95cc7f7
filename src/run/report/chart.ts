import { html, type Markup } from './markup';
import { SERIES } from './style';

export interface Series {
  name: string;
  /** Its colour and, from the ninth on, its dashes. */
  index: number;
  /** By rising x. */
  points: readonly { x: number; y: number }[];
  /** Draws a dot with a hover text at every point: for few, measured values. */
  dots?: boolean;
}

export interface Chart {
  title: string;
  note?: string | undefined;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
  /** Text of a value on the y axis and in hover texts. */
  format: (y: number) => string;
  /** The y axis begins at 0. */
  fromZero?: boolean;
}

const WIDTH = 540;
const HEIGHT = 270;
const MARGIN = { left: 54, right: 14, top: 22, bottom: 40 };

/** A line chart as inline SVG with a legend; colours come from the page's style. */
export function lineChart(chart: Chart): Markup {
  const points = chart.series.flatMap((s) => s.points);
  const xs = ticks(
    Math.min(...points.map((p) => p.x), chart.fromZero ? 0 : Infinity),
    Math.max(...points.map((p) => p.x)),
  );
  const low = Math.min(...points.map((p) => p.y));
  const ys = ticks(chart.fromZero ? Math.min(0, low) : low, Math.max(...points.map((p) => p.y)));
  const xOf = scale(xs, MARGIN.left, WIDTH - MARGIN.right);
  const yOf = scale(ys, HEIGHT - MARGIN.bottom, MARGIN.top);
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  return html`<div class="card"><h3>${chart.title}</h3>${chart.note && html`<p class="soft small">${chart.note}</p>`}
${legend(chart.series)}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.title}">
${ys.map((y) => html`<line x1="${MARGIN.left}" x2="${right}" y1="${yOf(y)}" y2="${yOf(y)}" stroke="var(--grid)"/><text x="${MARGIN.left - 8}" y="${yOf(y) + 4}" text-anchor="end">${chart.format(y)}</text>`)}
${xs.map((x) => html`<line x1="${xOf(x)}" x2="${xOf(x)}" y1="${bottom}" y2="${bottom + 4}" stroke="var(--soft)"/><text x="${xOf(x)}" y="${bottom + 18}" text-anchor="middle">${x.toLocaleString('en')}</text>`)}
<line x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="var(--soft)"/>
<text x="${MARGIN.left}" y="10">${chart.yLabel}</text>
<text x="${right}" y="${HEIGHT - 4}" text-anchor="end">${chart.xLabel}</text>
${chart.series.map((series) => drawSeries(series, xOf, yOf, chart.format))}
</svg></div>`;
}

function drawSeries(
  { name, index, points, dots }: Series,
  xOf: (x: number) => number,
  yOf: (y: number) => number,
  format: (y: number) => string,
): Markup {
  const color = seriesColor(index);
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${xOf(x)} ${yOf(y)}`).join('');
  return html`<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"${isDashed(index) && html` stroke-dasharray="6 4"`}/>${
    dots &&
    points.map(
      ({ x, y }) =>
        html`<circle cx="${xOf(x)}" cy="${yOf(y)}" r="4" fill="${color}" stroke="var(--card)" stroke-width="2"><title>${name}, step ${x}: ${format(y)}</title></circle>`,
    )
  }`;
}

function legend(series: readonly Series[]): Markup {
  return html`<div class="legend">${series.map(
    ({ name, index }) =>
      html`<span><span class="key${isDashed(index) && ' dashed'}" style="border-color:${seriesColor(index)}"></span>${name}</span>`,
  )}</div>`;
}

export function seriesColor(index: number): string {
  return `var(--s${index % SERIES})`;
}

function isDashed(index: number): boolean {
  return index >= SERIES;
}

/** Round numbers that cover a range, about five of them. */
export function ticks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Linear map from the range of ticks to pixels, to a tenth of a pixel. */
function scale(domain: readonly number[], from: number, to: number): (value: number) => number {
  const low = domain[0]!;
  const high = domain.at(-1)!;
  return (value) => Math.round((from + ((value - low) / (high - low)) * (to - from)) * 10) / 10;
}

/** Means over at most `bins` stretches of equal length: the course of a noisy curve in few points. */
export function binned(
  points: readonly { x: number; y: number }[],
  bins: number,
): { x: number; y: number }[] {
  const size = Math.ceil(points.length / bins);
  const out: { x: number; y: number }[] = [];
  for (let i = 0; i < points.length; i += size) {
    const part = points.slice(i, i + size);
    const mean = part.reduce((sum, p) => sum + p.y, 0) / part.length;
    out.push({ x: part[Math.floor(part.length / 2)]!.x, y: mean });
  }
  return out;
}
