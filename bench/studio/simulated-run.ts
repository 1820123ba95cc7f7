import { type Config, configSchema } from '../../src/protocol/config';
import type { RunEvent, StepEvent } from '../../src/protocol/events';
import type { RunManifest } from '../../src/protocol/run';
import { JournalWriter } from '../../src/run/journal';
import { writeManifest } from '../../src/run/manifest';
import { createRunFolder } from '../../src/run/run-folder';

/** Runs that were never trained, written as training writes them. */

export const CLASSES = 19;
const FIRST_DAY = Date.UTC(2026, 0, 5, 8);
/** Between the beginnings of two runs. */
const APART_MS = 7 * 60_000;

export interface SimulatedRun {
  folder: string;
  journal: JournalWriter;
  config: Config;
}

/**
 * A run folder with its manifest and an open journal that says the student's stage was entered.
 * @param place among all runs: later ones are newer
 */
export function simulateRun(
  workspace: string,
  name: string,
  place: number,
  iterations: number,
  status: RunManifest['status'] = 'finished',
): SimulatedRun {
  const createdAt = FIRST_DAY + place * APART_MS;
  const { id, folder } = createRunFolder(workspace, name, new Date(createdAt));
  const config = configOf(name, place, iterations);
  writeManifest(folder, {
    version: 1,
    id,
    name,
    createdAt,
    configText: JSON.stringify(config, null, 2),
    config,
    base: workspace,
    methods: config.methods.map(({ kind }) => kind),
    deviations: [],
    classes: Array.from({ length: CLASSES }, (_, c) => ({
      name: `class ${c}`,
      color: [(c * 67) % 256, (c * 149) % 256, (c * 211 + 60) % 256] as [number, number, number],
    })),
    engine: { name: 'tensorflow', device: 'cpu', versions: { tensorflow: '2.21.0' } },
    host: { name: 'bench', platform: 'linux', node: 'v20', cpus: 2 },
    status,
    ...(status === 'running' ? {} : { endedAt: createdAt + APART_MS }),
  });
  const journal = new JournalWriter(folder);
  journal.append({
    kind: 'stage',
    at: createdAt,
    stage: 'student',
    trains: 'student',
    index: 0,
    stages: 1,
    iterations,
    from: 0,
  });
  return { folder, journal, config };
}

/** Researchers vary a few fields of one configuration. */
function configOf(name: string, place: number, iterations: number): Config {
  const methods = [
    [{ kind: 'kd' }],
    [{ kind: 'rdd' }],
    [{ kind: 'cwd' }],
    [{ kind: 'rdd' }, { kind: 'cwd' }],
  ];
  return configSchema.parse({
    name,
    dataset: { kind: 'sample' },
    methods: methods[place % methods.length],
    student: { backbone: place % 3 === 0 ? 'mobilenetv2' : 'resnet18', width: [1, 0.5, 0.25][place % 3] },
    teacher: { backbone: 'resnet101', checkpoint: 'teacher.safetensors' },
    training: {
      iterations,
      batch: 2 + 2 * (place % 4),
      crop: [64 + 32 * (place % 5), 64 + 32 * (place % 5)],
      seed: 1 + (place % 5),
      lr: [0.01, 0.02, 0.005][place % 3],
    },
  });
}

/** Terms of the loss; with the loss itself they are the curves. */
export const TERMS = ['task', 'task.aux', 'kd', 'cwd', 'cirkd', 'ifvd', 'dist', 'adversarial'] as const;

/** @param terms how many */
export function stepEvent(step: number, iterations: number, terms: number, at: number): StepEvent {
  const values = TERMS.slice(0, terms).map((term, i): [string, number] => [
    term,
    (1 + i / 3) * (0.2 + Math.exp(-step / iterations)) + noise(step, i),
  ]);
  return {
    kind: 'step',
    at,
    stage: 'student',
    step,
    loss: values.reduce((sum, [, value]) => sum + value, 0),
    terms: Object.fromEntries(values),
    lr: 0.01 * (1 - step / (iterations + 1)) ** 0.9,
    ms: 350 + 20 * noise(step, 9),
    etaMs: 350 * (iterations - step),
    ...(step % 20 === 0 ? { memory: 2.1e9 + 1e6 * noise(step, 11) } : {}),
  };
}

/** @param skill what the run comes to, about */
export function evaluationEvent(step: number, iterations: number, at: number, skill = 0.7): RunEvent {
  const miou = skill * (1 - Math.exp((-3 * step) / iterations)) + 0.02 * noise(step, 3);
  const confusion = Array.from({ length: CLASSES ** 2 }, (_, i) =>
    i % (CLASSES + 1) === 0 ? 40_000 + i : Math.round(900 * noise(step + i, 5)),
  );
  return {
    kind: 'evaluation',
    at,
    stage: 'student',
    step,
    role: 'student',
    images: 500,
    miou,
    miouPresent: miou,
    pixelAccuracy: Math.min(1, miou + 0.2),
    iou: Array.from({ length: CLASSES }, (_, c) => Math.min(1, Math.max(0, miou + 0.1 * noise(c, step)))),
    confusion,
  };
}

export function endEvent(at: number, status: 'finished' | 'stopped' | 'failed' = 'finished'): RunEvent {
  return { kind: 'end', at, status };
}

/** 0..1, the same for the same numbers. */
export function noise(a: number, b: number): number {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453;
  return x - Math.floor(x);
}
