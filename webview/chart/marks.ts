import type uPlot from 'uplot';
import { phaseShort } from '../model/names';
import type { RunModel } from '../model/run-model';
import type { Theme } from '../ui/theme';

/** A vertical line with words above it: where a stage or a phase of the method begins. */
export interface Mark {
  x: number;
  label: string;
}

/** A phase that begins with its stage shares the stage's mark: "Student · TFE". */
export function marksOf(model: RunModel): Mark[] {
  const marks: Mark[] = model.stages.map((s) => ({
    x: s.offset,
    label: s.id === 'teacher' ? 'Teacher' : 'Student',
  }));
  for (const { x, phase } of model.series.phases) {
    if (phase === undefined) continue;
    const stage = marks.find((m) => x - m.x >= 0 && x - m.x <= 1);
    if (stage) stage.label += ` · ${phaseShort(phase)}`;
    else marks.push({ x, label: phaseShort(phase) });
  }
  return marks.sort((a, b) => a.x - b.x);
}

/** Height in CSS pixels that the words need above the plot. */
export const markHeight = 18;

/** Lines through the plot, words above it; a word that would run into the next one is cut off there. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], theme: Theme): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const right = bbox.left + bbox.width;
  const place = (mark: Mark) => Math.round(plot.valToPos(mark.x, 'x', true));
  marks.forEach((mark, i) => {
    const at = place(mark);
    const from = Math.max(at, bbox.left);
    const until = marks[i + 1] ? Math.min(place(marks[i + 1]!), right) : right;
    if (until <= from) return;
    ctx.save();
    ctx.strokeStyle = theme.muted;
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    if (at > bbox.left + 1) {
      ctx.beginPath();
      ctx.moveTo(at + 0.5, bbox.top - 14 * ratio);
      ctx.lineTo(at + 0.5, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.rect(from, bbox.top - markHeight * ratio, until - from - 4 * ratio, markHeight * ratio);
    ctx.clip();
    ctx.font = theme.font.replace('11px', `${11 * ratio}px`);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'bottom';
    ctx.fillStyle = theme.muted;
    ctx.fillText(mark.label, from + 5 * ratio, bbox.top - 3 * ratio);
    ctx.restore();
  });
}
