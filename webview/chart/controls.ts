import { t } from '../ui/l10n';
import { slider } from '../ui/slider';
import { checkbox } from '../ui/toolkit';

export interface CurveOptions {
  /** Weight of the past in the running mean, 0 to 0.99. */
  smoothing: number;
  /** A logarithmic axis for the loss. */
  log: boolean;
}

/** What the mouse does over any chart. */
export const chartHint = t(
  'Drag over a chart to zoom, double-click to see everything again. Ctrl and wheel zoom about the pointer, Shift and wheel move.',
);

/** The switches that stand over curves. */
export function curveControls(
  now: CurveOptions,
  onChange: (change: Partial<CurveOptions>) => void,
): HTMLElement[] {
  return [
    slider({
      label: t('Smoothing'),
      min: 0,
      max: 0.99,
      step: 0.01,
      value: now.smoothing,
      text: (v) => v.toFixed(2),
      onInput: (smoothing) => onChange({ smoothing }),
    }).root,
    checkbox(t('Logarithmic loss'), now.log, (log) => onChange({ log })),
  ];
}
