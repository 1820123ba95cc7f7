import { phaseShort } from '../model/names';
import type { RunModel } from '../model/run-model';
import { t } from '../ui/l10n';
import type { Theme } from '../ui/theme';
import { type Frame, xScale } from './trace';

/** A vertical line with a word above it: where a stage or a phase of the method begins. */
export interface Mark {
  x: number;
  label: string;
  kind: 'stage' | 'phase';
}

export function marksOf(model: RunModel): Mark[] {
  const stages = model.stages.map(
    (s): Mark => ({ x: s.offset, label: s.id === 'teacher' ? t('Teacher') : t('Student'), kind: 'stage' }),
  );
  const phases = model.series.phases
    .filter((p) => p.phase !== undefined)
    // A phase begins with its first step; at the start of a stage that is the stage's own line.
    .map((p): Mark => ({ x: p.x - 1, label: phaseShort(p.phase!), kind: 'phase' }));
  return [...stages, ...phases];
}

/** Height of a row of words, CSS pixels. */
export const MARK_ROW = 14;
/** Height in CSS pixels that the words need above the plot: one row for stages, one more for phases. */
export function markHeight(marks: readonly Mark[]): number {
  return marks.some((m) => m.kind === 'phase') ? 2 * MARK_ROW : MARK_ROW;
}

/** Where a mark stands in a plot: its line, and the room for its word, which is cut off where the next of its kind begins. */
export interface PlacedMark extends Mark {
  /** Undefined where the line would lie on the edge of the plot or left of it. */
  line: number | undefined;
  top: number;
  from: number;
  until: number;
}

/**
 * @param frame of the plot
 * @param ratio pixels of the frame per CSS pixel
 */
export function placeMarks(marks: readonly Mark[], frame: Frame, ratio: number): PlacedMark[] {
  const xOf = xScale(frame);
  const place = ({ x }: Mark) => Math.round(xOf(x));
  const right = frame.left + frame.width;
  const height = markHeight(marks) * ratio;
  return marks.flatMap((mark): PlacedMark[] => {
    const at = place(mark);
    const next = marks.filter((m) => m.kind === mark.kind && m.x > mark.x).map(place);
    const from = Math.max(at, frame.left);
    const until = Math.min(right, ...next);
    if (until <= from) return [];
    const top = frame.top - height + (mark.kind === 'stage' ? 0 : MARK_ROW * ratio);
    return [{ ...mark, line: at > frame.left + 1 ? at + 0.5 : undefined, top, from, until }];
  });
}

export const markDash = ({ kind }: Mark): number[] => (kind === 'phase' ? [4, 3] : []);

/** Lines through the plot, words above it. */
export function drawMarks(
  ctx: CanvasRenderingContext2D,
  marks: readonly Mark[],
  frame: Frame,
  theme: Theme,
  ratio: number,
): void {
  for (const mark of placeMarks(marks, frame, ratio)) {
    const { line, top, from, until } = mark;
    ctx.save();
    ctx.strokeStyle = theme.muted;
    ctx.lineWidth = ratio;
    ctx.setLineDash(markDash(mark).map((length) => length * ratio));
    if (line !== undefined) {
      ctx.beginPath();
      ctx.moveTo(line, top);
      ctx.lineTo(line, frame.top + frame.height);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.rect(from, top, until - from - 3 * ratio, MARK_ROW * ratio);
    ctx.clip();
    ctx.font = theme.font.replace('11px', `${11 * ratio}px`);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = theme.muted;
    ctx.fillText(mark.label, from + 4 * ratio, top + (MARK_ROW / 2) * ratio);
    ctx.restore();
  }
}
