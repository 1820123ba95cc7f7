import type { Interval, StudyArmResult, StudyReport } from '../../protocol/study';
import { mean } from './statistics';

/** A share in percent points with one decimal; `signed` with + or − before it. */
export function points(share: number, signed = false): string {
  const text = Math.abs(100 * share).toFixed(1);
  const negative = share < 0 && Number(text) !== 0;
  if (negative) return `−${text}`;
  return signed ? `+${text}` : text;
}

export function pointsInterval([low, high]: Interval): string {
  return `${points(low, true)} to ${points(high, true)}`;
}

export function minutes(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  return seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** Which number stands for a run. */
export function scoreInWords({ score }: Pick<StudyReport, 'score'>): string {
  const which =
    score === 'last'
      ? 'after the last step'
      : 'at its best evaluation, which was chosen on the same split and is therefore too high';
  return `mIoU in percent on the validation split ${which}; the plain mean over all classes, an absent class counts as 0.`;
}

/** Means over the finished runs of an arm. */
export function meanCost({ runs }: StudyArmResult): {
  seconds?: number | undefined;
  stepMs?: number | undefined;
  peakMemory?: number | undefined;
} {
  const done = runs.filter(({ status }) => status === 'finished').map(({ cost }) => cost);
  const over = (values: readonly number[]) => (values.length > 0 ? mean(values) : undefined);
  return {
    seconds: over(done.map(({ teacherSeconds, studentSeconds }) => teacherSeconds + studentSeconds)),
    stepMs: over(done.flatMap(({ stepMs }) => stepMs ?? [])),
    peakMemory: over(done.flatMap(({ peakMemory }) => peakMemory ?? [])),
  };
}
