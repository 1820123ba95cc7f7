import { createHash } from 'node:crypto';
import type { Dataset } from '../../../../src/data/dataset';
import type { Checkpoint, TrainerEvent, TrainerHost, TrainingJob } from '../../../../src/distill/host';
import type { DiagnosticLayer } from '../../../../src/distill/method';
import { train } from '../../../../src/distill/trainer';
import { openEngine } from '../../../../src/engine/open';
import { type Config, type ConfigInput, configSchema } from '../../../../src/protocol/config';
import { sceneDataset } from './scenes';

export const engine = () => openEngine('wasm');

type TrainingInput = NonNullable<ConfigInput['training']>;

/** A run that takes about a second: the narrowest networks, crops of 32 x 32, two images per step. */
export function tinyConfig(
  input: Omit<Partial<ConfigInput>, 'training'> & { training?: TrainingInput } = {},
): Config {
  const { training, ...rest } = input;
  return configSchema.parse({
    dataset: { kind: 'sample' },
    student: { width: 0.0625 },
    ...rest,
    training: {
      iterations: 4,
      batch: 2,
      crop: [32, 32],
      evaluateEvery: 100,
      checkpointEvery: 100,
      sampleEvery: 100,
      ...training,
    },
  });
}

export interface Recorded {
  outcome: 'finished' | 'stopped';
  events: TrainerEvent[];
  checkpoints: Checkpoint[];
  samples: { stage: string; step: number; id: string; layers: DiagnosticLayer[] }[];
  best: { role: string; step: number; miou: number; weights: Uint8Array }[];
}

/** Runs the trainer and keeps what it tells. `stopAfter`: number of step events after which a stop is asked for. */
export async function record(
  config: Config,
  options: {
    dataset?: Dataset;
    resumeFrom?: Checkpoint;
    initial?: TrainingJob['initial'];
    stopAfter?: number;
    onEvent?: (event: TrainerEvent) => void;
    recorded?: Omit<Recorded, 'outcome'>;
  } = {},
): Promise<Recorded> {
  const recorded = options.recorded ?? { events: [], checkpoints: [], samples: [], best: [] };
  let steps = 0;
  const host: TrainerHost = {
    emit(event) {
      recorded.events.push(event);
      if (event.kind === 'step') steps++;
      options.onEvent?.(event);
    },
    sample: async (sample) => void recorded.samples.push(sample),
    checkpoint: async (checkpoint) => void recorded.checkpoints.push(checkpoint),
    best: async (best) => void recorded.best.push(best),
    stopRequested: () => options.stopAfter !== undefined && steps >= options.stopAfter,
    pauseRequested: () => false,
    rest: async () => {},
  };
  const outcome = await train({
    engine: await engine(),
    config,
    dataset: options.dataset ?? sceneDataset(),
    host,
    resumeFrom: options.resumeFrom,
    initial: options.initial ?? {},
  });
  return { outcome, ...recorded };
}

export function stepsOf({ events }: Pick<Recorded, 'events'>) {
  return events.filter((event) => event.kind === 'step');
}

/** What was told, without how long it took. */
export function journal({ events }: Pick<Recorded, 'events'>): unknown[] {
  return events.map((event) => {
    if (event.kind !== 'step') return event;
    const { ms: _ms, etaMs: _etaMs, ...rest } = event;
    return rest;
  });
}

/** The last checkpoint of a run: a hash of every file, so that a difference names its file. */
export function lastState({ checkpoints }: Pick<Recorded, 'checkpoints'>): Record<string, string> {
  const { files } = checkpoints.at(-1)!;
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
  );
}
