import type { ComparedRun } from '../../../../src/protocol/compare-panel';
import { snapshotOf } from './runs';

/** Runs to compare: RDD and LAD in turn; the last two are the same but for their seeds. */
export function comparedRuns(count: number): ComparedRun[] {
  return Array.from({ length: count }, (_, i): ComparedRun => {
    const seed = i === count - 1 ? 2 : 1;
    const kind = Math.min(i, count - 2);
    const method = kind % 2 === 0 ? 'rdd' : 'lad';
    const snapshot = snapshotOf({
      method,
      iterations: 400,
      done: 1 - 0.1 * (i % 2),
      status: 'finished',
      seed: i,
    });
    const run = {
      ...snapshot.run!,
      id: `run-${i}`,
      folder: `/w/.distill/runs/run-${i}`,
      name: `${method} ${kind}`,
    };
    return {
      run,
      classes: snapshot.classes,
      config: { 'training.seed': seed, 'training.lr': 0.01 * (kind + 1), 'training.batch': 8 },
      events: snapshot.events,
    };
  });
}
