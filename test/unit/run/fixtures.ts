import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { configSchema } from '../../../src/protocol/config';
import type { RunEvent } from '../../../src/protocol/events';
import type { RunManifest } from '../../../src/protocol/run';

/** A folder that is removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'distill-run-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function manifestOf(id: string, change: Partial<RunManifest> = {}): RunManifest {
  return {
    version: 1,
    id,
    name: 'test run',
    createdAt: 1000,
    configText: '{ "dataset": { "kind": "sample" } } // as written',
    config: configSchema.parse({
      dataset: { kind: 'sample' },
      methods: [{ kind: 'kd' }],
      student: { width: 0.25 },
      training: { iterations: 100, teacherIterations: 50 },
    }),
    base: '/somewhere',
    methods: ['kd'],
    deviations: [],
    classes: [{ name: 'road', color: [128, 64, 128] }],
    engine: { name: 'wasm', device: 'cpu', versions: { tfjs: '4.22.0' } },
    host: { name: 'box', platform: 'linux', node: 'v20', cpus: 2 },
    status: 'running',
    ...change,
  };
}

export function step(number: number, stage: 'teacher' | 'student' = 'student', loss = 1 / number): RunEvent {
  return {
    kind: 'step',
    at: 5000 + number,
    stage,
    step: number,
    loss,
    terms: { task: loss },
    lr: 0.01,
    ms: 5,
  };
}

export function stage(name: 'teacher' | 'student', from = 0): RunEvent {
  return {
    kind: 'stage',
    at: 4000,
    stage: name,
    trains: name,
    index: name === 'teacher' ? 0 : 1,
    stages: 2,
    iterations: name === 'teacher' ? 50 : 100,
    from,
  };
}

export function evaluation(number: number, role: 'teacher' | 'student', miou: number): RunEvent {
  return {
    kind: 'evaluation',
    at: 6000,
    stage: role,
    step: number,
    role,
    images: 4,
    miou,
    miouPresent: miou,
    pixelAccuracy: miou,
    iou: [miou],
  };
}
