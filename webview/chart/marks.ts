import type uPlot from 'uplot';
import { phaseShort } from '../model/names';
import type { RunModel } from '../model/run-model';
import type { Theme } from '../ui/theme';

/** A vertical line with a word above it: where a stage or a phase of the method begins. */
export interface Mark {
  x: number;
  label: string;
  kind: 'stage' | 'phase';
}

export function marksOf(model: RunModel): Mark[] {
  const stages = model.stages.map(
    (s): Mark => ({ x: s.offset, label: s.id === 'teacher' ? 'Teacher' : 'Student', kind: 'stage' }),
  );
  const phases = model.series.phases
    .filter((p) => p.phase !== undefined)
    // A phase begins with its first step; at the start of a stage that is the stage's own line.
    .map((p): Mark => ({ x: p.x - 1, label: phaseShort(p.phase!), kind: 'phase' }));
  return [...stages, ...phases];
}

const row = 14;
/** Height in CSS pixels that the words need above the plot: one row for stages, one more for phases. */
export function markHeight(marks: readonly Mark[]): number {
  return marks.some((m) => m.kind === 'phase') ? 2 * row : row;
}

/** Lines through the plot, words above it; a word that would run into the next of its kind is cut off there. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], theme: Theme): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const right = bbox.left + bbox.width;
  const height = markHeight(marks) * ratio;
  const place = (mark: Mark) => Math.round(plot.valToPos(mark.x, 'x', true));
  for (const mark of marks) {
    const at = place(mark);
    const next = marks.filter((m) => m.kind === mark.kind && m.x > mark.x).map(place);
    const from = Math.max(at, bbox.left);
    const until = Math.min(right, ...next);
    if (until <= from) continue;
    const top = bbox.top - height + (mark.kind === 'stage' ? 0 : row * ratio);
    ctx.save();
    ctx.strokeStyle = theme.muted;
    ctx.lineWidth = ratio;
    ctx.setLineDash(mark.kind === 'phase' ? [4 * ratio, 3 * ratio] : []);
    if (at > bbox.left + 1) {
      ctx.beginPath();
      ctx.moveTo(at + 0.5, top);
      ctx.lineTo(at + 0.5, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.rect(from, top, until - from - 3 * ratio, row * ratio);
    ctx.clip();
    ctx.font = theme.font.replace('11px', `${11 * ratio}px`);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = theme.muted;
    ctx.fillText(mark.label, from + 4 * ratio, top + (row / 2) * ratio);
    ctx.restore();
  }
}
