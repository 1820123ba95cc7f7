import type { Theme } from '../ui/theme';
import { type Drawn, outlinesOf } from './curve';
import type { Ink } from './ink';
import type { Line } from './lines';
import { MARK_ROW, type Mark, markDash, placeMarks } from './marks';
import { bandColor, DOT_RADIUS, FAINT, lineWidth } from './pen';
import { type Frame, isWithin, xScale, yScale } from './trace';
import { escapeXml, xml } from './xml';

export interface Tick {
  /** Where it stands on its axis. */
  at: number;
  label: string;
}

/** A chart as it is seen, in CSS pixels. */
export interface ChartSheet {
  title: string;
  /** Of the plot with its axes. */
  width: number;
  height: number;
  frame: Frame;
  /** Traced in a frame that is `fine` times larger, so that the drawing may be enlarged. */
  drawn: readonly Drawn[];
  fine: number;
  /** Lines that are shown, with their values as the legend has them. */
  legend: readonly { line: Line; value: string }[];
  marks: readonly Mark[];
  ticks: { x: readonly Tick[]; y: readonly Tick[] };
  theme: Theme;
}

/** What a browser knows and a drawing program may not. */
export interface Canvas {
  /** Width of a text in the font of the theme. */
  measure(text: string): number;
  /** Any CSS colour in numbers. */
  solid(color: string): Ink;
}

const PAD = 10;
const TITLE = 24;
const ROW = 18;
const SAMPLE = 22;

/** The chart as a drawing of its own: title, legend, axes, marks and lines, in the colours of the theme. */
export function chartSvg(sheet: ChartSheet, canvas: Canvas): string {
  const { title, width, height, theme } = sheet;
  const paint = (property: 'fill' | 'stroke', color: string) => {
    const [r, g, b, a] = canvas.solid(color);
    return {
      [property]: `rgb(${r},${g},${b})`,
      ...(a < 1 ? { [`${property}-opacity`]: round(a) } : {}),
    };
  };
  const legend = legendOf(sheet, canvas, paint);
  const head = TITLE + legend.height;
  const whole = { width: round(width), height: round(height + head) };
  const family = theme.font.replace(/^\S+ /, '');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...whole,
      viewBox: `0 0 ${whole.width} ${whole.height}`,
      'font-family': family,
      'font-size': 11,
      role: 'img',
    },
    xml('title', {}, escapeXml(title)),
    xml('rect', { ...whole, ...paint('fill', theme.background) }),
    xml(
      'text',
      { x: PAD, y: 17, 'font-size': 13, 'font-weight': 600, ...paint('fill', theme.foreground) },
      escapeXml(title),
    ),
    legend.xml,
    xml(
      'g',
      { transform: `translate(0 ${head})` },
      axes(sheet, paint),
      curves(sheet, paint),
      ...marksOf(sheet, paint),
    ),
  )}\n`;
}

type Paint = (property: 'fill' | 'stroke', color: string) => Record<string, string | number>;

function legendOf(
  { legend, theme, width }: ChartSheet,
  { measure }: Canvas,
  paint: Paint,
): { xml: string; height: number } {
  let x = PAD;
  let y = TITLE;
  const parts = legend.map(({ line, value }) => {
    const label = measure(line.label);
    const whole = SAMPLE + 6 + label + 6 + measure(value) + 16;
    if (x > PAD && x + whole > width - PAD) [x, y] = [PAD, y + ROW];
    const text = x + SAMPLE + 6;
    const part =
      xml('path', {
        d: `M${round(x)} ${y + 5}h${SAMPLE}`,
        ...paint('stroke', theme[line.color]),
        'stroke-width': 2,
        'stroke-dasharray': line.dash?.join(' '),
      }) +
      xml('text', { x: round(text), y: y + 9, ...paint('fill', theme.foreground) }, escapeXml(line.label)) +
      xml('text', { x: round(text + label + 6), y: y + 9, ...paint('fill', theme.muted) }, escapeXml(value));
    x += whole;
    return part;
  });
  return { xml: xml('g', {}, ...parts), height: legend.length > 0 ? y - TITLE + ROW : 0 };
}

function axes({ frame, ticks, theme }: ChartSheet, paint: Paint): string {
  const { left, top, width, height } = frame;
  const line = (d: string) =>
    xml('path', { d, fill: 'none', ...paint('stroke', theme.grid), 'stroke-width': 0.5 });
  const label = (text: string, place: Record<string, string | number>) =>
    xml('text', { ...place, ...paint('fill', theme.muted) }, escapeXml(text));
  const bottom = top + height;
  const [xOf, yOf] = [xScale(frame), yScale(frame)];
  return xml(
    'g',
    {},
    line(ticks.y.map(({ at }) => `M${round(left - 4)} ${round(yOf(at))}H${round(left + width)}`).join('')),
    line(ticks.x.map(({ at }) => `M${round(xOf(at))} ${round(bottom)}v4`).join('')),
    ...ticks.y.map(({ at, label: text }) =>
      label(text, { x: round(left - 8), y: round(yOf(at) + 4), 'text-anchor': 'end' }),
    ),
    ...ticks.x.map(({ at, label: text }) =>
      label(text, { x: round(xOf(at)), y: round(bottom + 17), 'text-anchor': 'middle' }),
    ),
  );
}

/** Cut off at the edge of the plot by a view of its own: a clip path would need an id that is unique in a page. */
function curves({ frame, drawn, fine, theme }: ChartSheet, paint: Paint): string {
  const { left, top, width, height } = frame;
  const parts = drawn.map(({ kind, curve: { line }, trace, lower }) => {
    if (kind === 'band')
      return xml('path', {
        d: outlinesOf(trace, lower!)
          .map((way) => `${path(way, fine)}Z`)
          .join(''),
        ...paint('fill', bandColor(line, theme)),
      });
    const ways = [...trace.ways, ...waysOf(trace.bars)];
    return xml('path', {
      d: ways.map((way) => path(way, fine)).join(''),
      fill: 'none',
      ...paint('stroke', theme[line.color]),
      ...(kind === 'faint' ? { opacity: FAINT } : { 'stroke-dasharray': line.dash?.join(' ') }),
      'stroke-width': lineWidth(theme),
      'stroke-linejoin': 'round',
    });
  });
  const [x, y, w, h] = [left, top, width, height].map(round);
  // Dots on the edge of the plot are whole.
  const over = drawn.flatMap(({ kind, curve: { line }, trace }) =>
    line.sparse && kind === 'line' ? dots(trace.ways, frame, fine, paint('fill', theme[line.color])) : [],
  );
  return xml('svg', { x, y, width: w, height: h, viewBox: `${x} ${y} ${w} ${h}` }, ...parts) + over.join('');
}

function dots(
  ways: readonly number[][],
  frame: Frame,
  fine: number,
  paint: Record<string, string | number>,
): string {
  const points = ways
    .flatMap((way) => way.flatMap((x, i) => (i % 2 === 0 ? [[x / fine, way[i + 1]! / fine] as const] : [])))
    .filter(([x, y]) => isWithin(frame, x, y));
  return xml(
    'g',
    paint,
    ...points.map(([cx, cy]) => xml('circle', { cx: round(cx), cy: round(cy), r: DOT_RADIUS })),
  );
}

function* marksOf({ marks, frame, theme }: ChartSheet, paint: Paint): Iterable<string> {
  for (const mark of placeMarks(marks, frame, 1)) {
    const { line, top, from, until, label } = mark;
    if (line !== undefined)
      yield xml('path', {
        d: `M${round(line)} ${round(top)}V${round(frame.top + frame.height)}`,
        ...paint('stroke', theme.muted),
        'stroke-dasharray': markDash(mark).join(' ') || undefined,
      });
    const [x, y, width] = [from, top, Math.max(0, until - from - 3)].map(round);
    yield xml(
      'svg',
      { x, y, width, height: MARK_ROW },
      xml('text', { x: 4, y: 11, ...paint('fill', theme.muted) }, escapeXml(label)),
    );
  }
}

/** Bars as lines that go up and down through them, as the values did. */
function waysOf(bars: readonly number[]): number[][] {
  const ways: number[][] = [];
  let way: number[] = [];
  for (let i = 0; i < bars.length; i += 3) {
    const [x, top, bottom] = [bars[i]! + 0.5, bars[i + 1]!, bars[i + 2]!];
    if (way.length === 0 || x - way.at(-2)! > 1.5 || x <= way.at(-2)!) {
      way = [];
      ways.push(way);
    }
    const near = way.length > 0 && Math.abs(way.at(-1)! - bottom) < Math.abs(way.at(-1)! - top);
    way.push(x, near ? bottom : top);
    if (bottom - top > 0.1) way.push(x, near ? top : bottom);
  }
  return ways;
}

function path(way: readonly number[], fine: number): string {
  let d = '';
  for (let i = 0; i < way.length; i += 2)
    d += `${i === 0 ? 'M' : 'L'}${round(way[i]! / fine)} ${round(way[i + 1]! / fine)}`;
  return d;
}

const round = (value: number): number => Math.round(value * 100) / 100;
