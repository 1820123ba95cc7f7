import type { Theme } from '../ui/theme';
import { type Drawn, outlinesOf } from './curve';
import { inkOf } from './ink';
import type { Line } from './lines';
import { Raster } from './raster';
import { barsOf, type Frame, isWithin } from './trace';

/** How thick lines are, CSS pixels. */
export const lineWidth = ({ highContrast }: Theme): number => (highContrast ? 2 : 1.5);
export const FAINT = 0.25;
export const DOT_RADIUS = 3;
export const bandColor = (line: Line, theme: Theme): string =>
  `color-mix(in srgb, ${theme[line.color]} 22%, transparent)`;

/** Points of a plot that may be stroked: a stroke looks best, but many turns take it long. */
const STROKED = 3000;
/** Beyond, what has more points than this on a pixel's width is drawn as bars. */
const DENSE = 1 / 3;

/** Draws the lines of one plot. */
export class Pen {
  readonly #raster = new Raster();

  /**
   * Draws what curves were made into, within the frame.
   * @param ratio pixels of the canvas per CSS pixel
   */
  draw(
    ctx: CanvasRenderingContext2D,
    all: readonly Drawn[],
    frame: Frame,
    theme: Theme,
    ratio: number,
  ): void {
    ctx.save();
    ctx.beginPath();
    ctx.rect(frame.left, frame.top, frame.width, frame.height);
    ctx.clip();
    ctx.lineJoin = 'round';
    const points = all.reduce((sum, { trace }) => sum + pointsOf(trace.ways), 0);
    const isBarred = points > STROKED ? isDense : () => false;
    for (const drawn of all) if (drawn.kind === 'band') band(ctx, drawn, theme);
    this.#bars(ctx, all, isBarred, frame, theme, ratio);
    for (const drawn of all) {
      if (drawn.kind === 'band') continue;
      const { line } = drawn.curve;
      ctx.globalAlpha = drawn.kind === 'faint' ? FAINT : 1;
      ctx.fillStyle = ctx.strokeStyle = theme[line.color];
      ctx.lineWidth = lineWidth(theme) * ratio;
      ctx.setLineDash(dashOf(drawn, ratio));
      stroke(
        ctx,
        drawn.trace.ways.filter((way) => !isBarred(way)),
      );
    }
    ctx.restore();
    // Those on the edge of the frame are whole.
    for (const { kind, curve, trace } of all)
      if (curve.line.sparse && kind === 'line') {
        ctx.fillStyle = theme[curve.line.color];
        dots(ctx, trace.ways, frame, ratio);
      }
  }

  /**
   * Upright bars in place of lines that turn many times within a few pixels: as thick at their ends as the line, so that
   * a smooth curve stays smooth, and dashed along the axis.
   */
  #bars(
    ctx: CanvasRenderingContext2D,
    all: readonly Drawn[],
    isBarred: (way: readonly number[]) => boolean,
    frame: Frame,
    theme: Theme,
    ratio: number,
  ): void {
    const dense = all.filter(({ trace }) => trace.bars.length > 0 || trace.ways.some(isBarred));
    if (dense.length === 0) return;
    const { left, top, width, height } = frame;
    this.#raster.clear(Math.round(width), Math.round(height));
    for (const drawn of dense) {
      const { line } = drawn.curve;
      const [r, g, b, a] = inkOf(drawn.kind === 'band' ? bandColor(line, theme) : theme[line.color]);
      const ink = [r, g, b, drawn.kind === 'faint' ? a * FAINT : a] as const;
      const draw = (bars: readonly number[], lower: readonly number[], thick: number) => {
        const inGap = gaps(dashOf(drawn, ratio));
        for (let i = 0; i < bars.length; i += 3) {
          const x = Math.round(bars[i]! - left);
          if (!inGap(x)) this.#raster.bar(x, bars[i + 1]! - thick - top, lower[i + 2]! + thick - top, ink);
        }
      };
      if (drawn.kind === 'band') {
        if (drawn.trace.bars.length === drawn.lower!.bars.length)
          draw(drawn.trace.bars, drawn.lower!.bars, 0);
        continue;
      }
      const thick = (lineWidth(theme) * ratio) / 2;
      draw(drawn.trace.bars, drawn.trace.bars, thick);
      for (const way of drawn.trace.ways)
        if (isBarred(way)) {
          const bars = barsOf(way, left, Math.round(width));
          draw(bars, bars, thick);
        }
    }
    this.#raster.drawOn(ctx, left, top);
  }
}

const pointsOf = (ways: readonly number[][]): number => ways.reduce((sum, way) => sum + way.length / 2, 0);

function isDense(way: readonly number[]): boolean {
  const points = way.length / 2;
  return points > 50 && points > DENSE * (way.at(-2)! - way[0]!);
}

const dashOf = ({ kind, curve }: Drawn, ratio: number): number[] =>
  kind === 'line' ? (curve.line.dash ?? []).map((length) => length * ratio) : [];

/** Whether a place along the axis lies in a gap of a dashed line. */
function gaps(dash: readonly number[]): (x: number) => boolean {
  const period = dash.reduce((sum, length) => sum + length, 0);
  if (period === 0) return () => false;
  return (x) => {
    let at = x % period;
    for (let i = 0; i < dash.length; i++) {
      if (at < dash[i]!) return i % 2 === 1;
      at -= dash[i]!;
    }
    return false;
  };
}

function stroke(ctx: CanvasRenderingContext2D, ways: readonly number[][]): void {
  if (ways.length === 0) return;
  ctx.beginPath();
  for (const way of ways) {
    ctx.moveTo(way[0]!, way[1]!);
    for (let i = 2; i < way.length; i += 2) ctx.lineTo(way[i]!, way[i + 1]!);
  }
  ctx.stroke();
}

/** Between two lines through points; between bars there are bars. */
function band(ctx: CanvasRenderingContext2D, { curve, trace, lower }: Drawn, theme: Theme): void {
  ctx.fillStyle = bandColor(curve.line, theme);
  ctx.beginPath();
  for (const outline of outlinesOf({ ...trace, bars: [] }, { ...lower!, bars: [] })) {
    ctx.moveTo(outline[0]!, outline[1]!);
    for (let i = 2; i < outline.length; i += 2) ctx.lineTo(outline[i]!, outline[i + 1]!);
    ctx.closePath();
  }
  ctx.fill();
}

function dots(ctx: CanvasRenderingContext2D, ways: readonly number[][], frame: Frame, ratio: number): void {
  ctx.beginPath();
  for (const way of ways)
    for (let i = 0; i < way.length; i += 2) {
      if (!isWithin(frame, way[i]!, way[i + 1]!)) continue;
      ctx.moveTo(way[i]! + DOT_RADIUS * ratio, way[i + 1]!);
      ctx.arc(way[i]!, way[i + 1]!, DOT_RADIUS * ratio, 0, 2 * Math.PI);
    }
  ctx.fill();
}
