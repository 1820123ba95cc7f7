import type { SampleEvent } from '../../src/protocol/events';
import { t } from '../ui/l10n';
import { percent } from './format';
import type { RunModel } from './run-model';

/** A place on the step slider: a step of a stage, with every sample that was taken there. */
export interface Stop {
  x: number;
  samples: SampleEvent[];
}

/**
 * All steps with samples, in the order of the run.
 * @param id only steps at which this sample was taken
 */
export function stopsOf(model: RunModel, id: string | null = null): Stop[] {
  const stops = new Map<string, Stop>();
  const chosen = new Set(model.samples.flatMap((s) => (s.id === id ? [`${s.stage}/${s.step}`] : [])));
  for (const sample of model.samples) {
    if (chosen.size > 0 && !chosen.has(`${sample.stage}/${sample.step}`)) continue;
    const key = `${sample.stage}/${sample.step}`;
    const stop = stops.get(key);
    if (stop) stop.samples.push(sample);
    else stops.set(key, { x: model.x(sample.stage, sample.step), samples: [sample] });
  }
  return [...stops.values()].sort((a, b) => a.x - b.x);
}

/** Index of the chosen step; the newest when none is chosen or the chosen one no longer exists. */
export function chosenStop(stops: readonly Stop[], step: { stage: string; step: number } | null): number {
  const found = step
    ? stops.findIndex((s) => s.samples[0]!.stage === step.stage && s.samples[0]!.step === step.step)
    : -1;
  return found >= 0 ? found : stops.length - 1;
}

/** The sample with this id at a stop; without it the one the run draws again and again, which it drew first. */
export function chosenSample(stop: Stop, id: string | null, model: RunModel): SampleEvent {
  const at = (wanted: string | null | undefined) => stop.samples.find((s) => s.id === wanted);
  return at(id) ?? at(model.samples[0]?.id) ?? stop.samples[0]!;
}

export type SampleOrder = 'taken' | 'student' | 'difficulty' | 'disagreement';

/** What is told of a sample in a list, and by which it is put in order. */
export function scoreText({ scores }: SampleEvent, order: SampleOrder): string {
  switch (order) {
    case 'taken':
    case 'student':
      return scores?.student === undefined ? '' : `IoU ${percent(scores.student, 1)}`;
    case 'difficulty':
      return scores?.difficulty === undefined ? '' : t('difficulty {0} %', percent(scores.difficulty, 1));
    case 'disagreement':
      return scores?.disagreement === undefined
        ? ''
        : t('disagree on {0} %', percent(scores.disagreement, 1));
    default:
      return order satisfies never;
  }
}

/** The samples of a step, worst first; as they were taken where nothing is known of them. */
export function inOrder(samples: readonly SampleEvent[], order: SampleOrder): SampleEvent[] {
  if (order === 'taken') return [...samples];
  const badness = ({ scores }: SampleEvent): number => {
    const value = scores?.[order];
    if (value === undefined) return Number.NEGATIVE_INFINITY;
    return order === 'student' ? -value : value;
  };
  return [...samples].sort((a, b) => badness(b) - badness(a));
}
