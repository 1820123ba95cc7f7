import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endEvent, evaluationEvent, noise, simulateRun, stepEvent, TERMS } from './simulated-run';
import { writeSimulatedSample } from './simulated-sample';

/** What the window that is measured has open: a workspace after half a year of work. */

export const RUNS = 1000;
const STEPS_OF_A_RUN = 200;
const LONG_STEPS = 100_000;
/** By their names, which is how they are found in the lists. */
export const runNames = { sample: 'pictures', long: 'curves' } as const;
/** Crops of the configurations that are typed into. A digit more makes them so wide that memory is looked at, too. */
export const CROPS = [
  [2048, 40],
  [1536, 40],
  [1792, 40],
  [1600, 40],
  [1920, 40],
] as const;
export const configName = (i: number) => `key-${i}.distill.json`;

/** What the floor extension underlines when a digit is added to its last line. */
export const FLOOR_TEXT = 'key.floor';

export function fillWorkspace(workspace: string): void {
  CROPS.forEach((crop, i) => {
    writeFileSync(join(workspace, configName(i)), configText(crop));
  });
  writeFileSync(join(workspace, FLOOR_TEXT), `${'digits\n'.repeat(11)}100\n`);
  for (let place = 0; place < RUNS - 2; place++)
    writeRun(workspace, `run ${words[place % words.length]} ${place}`, place);
  writeLongRun(workspace, RUNS - 2);
  writeSampleRun(workspace, RUNS - 1);
}

const words = ['camvid', 'streets', 'ablation', 'seed', 'baseline', 'night', 'wide'];

/** The crop ends its line, so that what is typed at the end of that line belongs to it. */
function configText(crop: readonly [number, number]): string {
  return `{
  "dataset": { "kind": "sample" },
  "methods": [{ "kind": "rdd" }, { "kind": "cwd" }, { "kind": "cirkd" }],
  "student": { "model": "deeplabv3", "backbone": "resnet18" },
  "teacher": { "model": "deeplabv3", "backbone": "resnet101", "auxHead": true },
  "engine": "tensorflow",
  "training": {
    "iterations": 40000,
    "batch": 8,
    "crop": [
      ${crop[0]},
      ${crop[1]}
    ]
  }
}
`;
}

function writeRun(workspace: string, name: string, place: number): void {
  const ends = place % 9 === 0 ? 'stopped' : place % 17 === 0 ? 'failed' : 'finished';
  const { journal } = simulateRun(workspace, name, place, STEPS_OF_A_RUN, ends);
  for (let step = 1; step <= STEPS_OF_A_RUN; step++) {
    journal.append(stepEvent(step, STEPS_OF_A_RUN, 3, step));
    if (step % 50 === 0)
      journal.append(evaluationEvent(step, STEPS_OF_A_RUN, step, 0.55 + 0.2 * noise(place, 7)));
  }
  journal.append(endEvent(STEPS_OF_A_RUN, ends));
  journal.close();
}

function writeLongRun(workspace: string, place: number): void {
  const { journal } = simulateRun(workspace, runNames.long, place, LONG_STEPS);
  for (let step = 1; step <= LONG_STEPS; step++) {
    journal.append(stepEvent(step, LONG_STEPS, TERMS.length, step));
    if (step % 2000 === 0) journal.append(evaluationEvent(step, LONG_STEPS, step));
  }
  journal.append(endEvent(LONG_STEPS));
  journal.close();
}

function writeSampleRun(workspace: string, place: number): void {
  const { folder, journal } = simulateRun(workspace, runNames.sample, place, 2000);
  for (let step = 1; step <= 2000; step++) journal.append(stepEvent(step, 2000, 3, step));
  journal.append(evaluationEvent(2000, 2000, 2000));
  journal.append(writeSimulatedSample(folder, { id: 'street', step: 2000, width: 2048, height: 1024 }));
  journal.append(endEvent(2000));
  journal.close();
}
