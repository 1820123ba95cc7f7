import type { RunEvent } from '../protocol/events';
import { SPEED_STEPS } from './summary';

/**
 * What is kept of the events of a run that is followed for hours: everything that `summarize` looks at and every picture, in
 * order; not the curves and not the matrices. The summary of what is kept is that of all.
 */
export function remembered(events: readonly RunEvent[]): RunEvent[] {
  let steps = 0;
  let memoryKnown = false;
  const kept: RunEvent[] = [];
  for (const event of events.toReversed()) {
    if (event.kind === 'evaluation') {
      const { confusion: _counts, worst: _images, ...scores } = event;
      kept.push(scores);
    } else if (event.kind !== 'step') kept.push(event);
    else {
      // Memory is told every few seconds only.
      const telling: boolean = event.memory !== undefined && !memoryKnown;
      if (steps < SPEED_STEPS || telling) kept.push(event);
      memoryKnown ||= telling;
      steps++;
    }
  }
  return kept.reverse();
}
