import type { SampleEvent } from '../../src/protocol/events';
import type { RunModel } from './run-model';

/** A place on the step slider: a step of a stage, with every sample that was taken there. */
export interface Stop {
  x: number;
  samples: SampleEvent[];
}

/** All steps with samples, in the order of the run. */
export function stopsOf(model: RunModel): Stop[] {
  const stops = new Map<string, Stop>();
  for (const sample of model.samples) {
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

/** The sample with this id at a stop, or its first. */
export function chosenSample(stop: Stop, id: string | null): SampleEvent {
  return stop.samples.find((s) => s.id === id) ?? stop.samples[0]!;
}
