import { setImmediate } from 'node:timers/promises';
import { openEngine } from '../../src/engine/open';
import { RunHost } from '../../src/worker/run-host';
import { batchOf, sampleOf } from '../ours/batch';
import { Training } from '../ours/training';
import { BATCH, type Workload } from '../workload';
import { simulateRun } from './simulated-run';

/**
 * A process that trains as a worker does, and takes the time of what it does to be watched: telling of every step, asking
 * whether it is to stop, and drawing a sample as often as a configuration does that says nothing about it. Prints as JSON
 * what percentage of a step that is.
 *   node watched-steps.js WORKSPACE STEPS
 */
const workload: Workload = { name: 'student', size: 256 };
const WARM_UP = 3;
const PICTURES = 3;

async function main(workspace: string, steps: number): Promise<void> {
  const engine = await openEngine('tensorflow');
  const training = await Training.open(engine, workload, undefined);
  const { folder, journal, config } = simulateRun(workspace, 'watched', 0, steps, 'running');
  const host = new RunHost({ folder, journal, onEvent: (event) => process.send?.({ kind: event.kind }) });
  const batch = batchOf(Array.from({ length: BATCH }, (_, i) => sampleOf(`${i}`, workload.size)));
  let [worked, told] = [0, 0];
  for (let step = 1 - WARM_UP; step <= steps; step++) {
    const began = performance.now();
    const { loss, ...terms } = await training.step(batch);
    const done = performance.now();
    host.emit({
      kind: 'step',
      stage: 'student',
      step,
      loss: loss!,
      terms,
      lr: 0.01,
      ms: done - began,
      etaMs: 1,
    });
    await setImmediate();
    host.stopRequested();
    host.pauseRequested();
    if (step < 1) continue;
    worked += done - began;
    told += performance.now() - done;
  }
  const began = performance.now();
  for (let step = 1; step <= PICTURES; step++)
    await host.sample({ stage: 'student', step, id: 'shown', layers: await training.pictures(step) });
  const drawn = (performance.now() - began) / PICTURES / config.training.sampleEvery;
  const step = worked / steps;
  console.log(JSON.stringify({ percent: (100 * (told / steps + drawn)) / step }));
  process.exit(0);
}

void main(process.argv[2]!, Number(process.argv[3]));
