import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ConfigInput, configSchema } from '../../src/protocol/config';
import type { RunEvent } from '../../src/protocol/events';
import type { RunManifest } from '../../src/protocol/run';
import { JournalWriter } from '../../src/run/journal';
import { writeManifest } from '../../src/run/manifest';
import { createRunFolder, runFiles } from '../../src/run/run-folder';
import { writeSample } from '../../src/run/samples';

const classes: RunManifest['classes'] = [
  { name: 'road', color: [128, 64, 128] },
  { name: 'sky', color: [70, 130, 180] },
  { name: 'car', color: [0, 0, 142] },
];
const side = 24;

/** A short RDD run as the worker would have written it, whose status is as given. */
export function makeRun(workspace: string, name: string, status: RunManifest['status']): string {
  const createdAt = Date.now() - 60_000;
  const input: ConfigInput = {
    dataset: { kind: 'sample' },
    methods: [{ kind: 'rdd' }],
    student: { width: 0.25 },
    training: { iterations: 10, teacherIterations: 10 },
  };
  const config = configSchema.parse(input);
  const { id, folder } = createRunFolder(workspace, name);
  writeManifest(folder, {
    version: 1,
    id,
    name,
    createdAt,
    configText: JSON.stringify(input),
    config,
    base: workspace,
    methods: ['rdd'],
    deviations: [],
    classes,
    engine: { name: 'wasm', device: 'cpu', versions: {} },
    host: { name: hostname(), platform: 'linux x64', node: process.version, cpus: 2 },
    status,
    ...(status === 'finished' ? { endedAt: createdAt + 30_000 } : {}),
  });
  const journal = new JournalWriter(folder);
  for (const event of events(folder, createdAt)) journal.append(event);
  if (status === 'finished') journal.append({ kind: 'end', at: createdAt + 30_000, status });
  journal.close();
  return folder;
}

/** A run whose process was killed: its manifest says running, its lock names a process that is gone. */
export function makeCrashedRun(workspace: string, name: string): string {
  const folder = makeRun(workspace, name, 'running');
  // No process has this id: it is above the largest that Linux, macOS or Windows hand out.
  writeFileSync(
    join(folder, runFiles.lock),
    JSON.stringify({ pid: 2 ** 30, host: hostname(), startedAt: 1 }),
  );
  return folder;
}

function* events(folder: string, start: number): Generator<RunEvent> {
  const stage = 'student';
  yield { kind: 'stage', at: start, stage, trains: 'student', index: 1, stages: 2, iterations: 10, from: 0 };
  for (let step = 1; step <= 5; step++)
    yield {
      kind: 'step',
      at: start + 100 * step,
      stage,
      step,
      loss: 2 / step,
      terms: { task: 1.5 / step, kd: 0.5 / step },
      lr: 0.02,
      ms: 100,
      etaMs: 100 * (10 - step),
    };
  const labels = Uint8Array.from({ length: side * side }, (_, i) => Math.floor((3 * (i % side)) / side));
  const difficulty = Float32Array.from({ length: 9 }, (_, i) => (i + 1) / 9);
  const map = { dtype: 'uint8', height: side, width: side, channels: 1 } as const;
  const layers = writeSample(folder, {
    stage,
    step: 5,
    id: 'scene-0001',
    layers: [
      { ...map, name: 'image', channels: 3, data: new Uint8Array(side * side * 3).fill(127) },
      { ...map, name: 'label', data: labels },
      { ...map, name: 'student', data: labels.map((label) => (label + 1) % 3) },
      { name: 'difficulty', dtype: 'float32', height: 3, width: 3, channels: 1, data: difficulty },
    ],
  });
  yield { kind: 'sample', at: start + 600, stage, step: 5, id: 'scene-0001', layers };
  yield {
    kind: 'evaluation',
    at: start + 700,
    stage,
    step: 5,
    role: 'student',
    images: 1,
    miou: 0.431,
    miouPresent: 0.431,
    pixelAccuracy: 0.8,
    iou: [0.5, 0.4, 0.393],
    confusion: [5, 1, 0, 1, 4, 1, 0, 1, 4],
  };
}
