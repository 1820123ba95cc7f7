import { setTimeout as sleep } from 'node:timers/promises';
import { RunLockHolder } from '../../src/run/lock';
import { updateManifest } from '../../src/run/manifest';
import { endEvent, evaluationEvent, simulateRun, stepEvent } from './simulated-run';
import { writeSimulatedSample } from './simulated-sample';

/**
 * A process that holds a run as a worker does and writes what a worker writes, only faster: two hours of training at 0.36 s
 * a step. It says `ready` when the run is there, begins when it hears a line, and ends when all is written.
 *   node live-run.js WORKSPACE SECONDS
 */
const STEPS = 20_000;
const EVALUATE_EVERY = 200;
const SAMPLE_EVERY = 200;
const SAMPLES = 2;
/** As often as anybody looks. */
const BURST_MS = 100;

async function main(workspace: string, seconds: number): Promise<void> {
  // Newest of all runs, so that the Live view shows it.
  const { folder, journal } = simulateRun(workspace, 'live', 5000, STEPS, 'running');
  const lock = RunLockHolder.acquire(folder);
  console.log(JSON.stringify({ ready: folder }));
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.pause();
  const began = Date.now();
  for (let step = 0; step < STEPS; await sleep(BURST_MS)) {
    const due = Math.min(STEPS, Math.ceil((STEPS * (Date.now() - began)) / (1000 * seconds)));
    for (; step < due; step++) {
      journal.append(stepEvent(step + 1, STEPS, 4, Date.now()));
      if ((step + 1) % EVALUATE_EVERY === 0) journal.append(evaluationEvent(step + 1, STEPS, Date.now()));
      if ((step + 1) % SAMPLE_EVERY === 0)
        for (let i = 0; i < SAMPLES; i++)
          journal.append(
            writeSimulatedSample(folder, { id: `street ${i}`, step: step + 1, width: 480, height: 360 }),
          );
    }
  }
  journal.append(endEvent(Date.now()));
  journal.close();
  updateManifest(folder, { status: 'finished', endedAt: Date.now() });
  lock.release();
}

void main(process.argv[2]!, Number(process.argv[3]));
