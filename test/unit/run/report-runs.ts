import { RandomStream } from '../../../src/engine/random';
import { configSchema } from '../../../src/protocol/config';
import type { Role, StageId } from '../../../src/protocol/events';
import { JournalWriter } from '../../../src/run/journal';
import { writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { type LayerContents, writeSample } from '../../../src/run/samples';
import { manifestOf } from './fixtures';

const SIZE = 48;
const classes = [
  { name: 'road', color: [128, 64, 128] as [number, number, number] },
  { name: 'sky', color: [70, 130, 180] as [number, number, number] },
  { name: '<car> & "van"', color: [0, 0, 142] as [number, number, number] },
];

/** Writes a finished run with made-up numbers and pictures of every kind its method shows. */
export function writeReportRun(workspace: string, kind: 'baseline' | 'lad' | 'rdd'): string {
  const { id, folder } = createRunFolder(workspace, kind, new Date(2026, 10, 22));
  const methods = kind === 'baseline' ? [] : [{ kind }];
  writeManifest(
    folder,
    manifestOf(id, {
      name: `${kind} on scenes`,
      createdAt: 1_795_000_000_000,
      endedAt: 1_795_000_061_000,
      status: 'finished',
      methods: methods.map((m) => m.kind),
      config: configSchema.parse({
        dataset: { kind: 'sample' },
        methods,
        student: { width: 0.25 },
        training: { seed: 7, iterations: 120, teacherIterations: 80 },
      }),
      configText: '{ "name": "<written> & kept" }',
      deviations: methods.length > 0 ? ['The crop is 48 instead of 512.'] : [],
      classes,
    }),
  );
  const random = RandomStream.seeded(1, kind);
  const journal = new JournalWriter(folder);
  const stages: { stage: StageId; steps: number; level: number }[] = [
    ...(kind === 'baseline' ? [] : [{ stage: 'teacher' as const, steps: 80, level: 0.62 }]),
    { stage: 'student', steps: 120, level: kind === 'baseline' ? 0.41 : kind === 'lad' ? 0.5 : 0.47 },
  ];
  for (const [index, { stage, steps, level }] of stages.entries()) {
    const trains: Role = stage;
    journal.append({
      kind: 'stage',
      at: 0,
      stage,
      trains,
      index,
      stages: stages.length,
      iterations: steps,
      from: 0,
    });
    for (let step = 1; step <= steps; step++) {
      const task = 2 * Math.exp(-step / 40) + 0.2 * random.uniform() + 0.3;
      const terms: Record<string, number> = { task, 'task.aux': 0.4 * task };
      if (kind !== 'baseline' && stage === 'student') terms.kd = 0.3 * task;
      const loss = Object.values(terms).reduce((a, b) => a + b);
      journal.append({ kind: 'step', at: 1000 * step, stage, step, loss, terms, lr: 0.01, ms: 500 });
      if (step % 40 !== 0) continue;
      const miou = level * (1 - Math.exp(-step / 30));
      journal.append({
        kind: 'evaluation',
        at: 1000 * step,
        stage,
        step,
        role: stage,
        images: 10,
        miou,
        miouPresent: miou,
        pixelAccuracy: miou + 0.2,
        iou: [miou + 0.1, miou - 0.1, stage === 'student' ? null : miou],
      });
      const layers = writeSample(folder, { stage, step, id: 'scene-1', layers: layersOf(kind, stage, step) });
      journal.append({ kind: 'sample', at: 1000 * step, stage, step, id: 'scene-1', layers });
    }
  }
  journal.append({ kind: 'end', at: 1_795_000_061_000, status: 'finished' });
  journal.close();
  return folder;
}

function layersOf(kind: string, stage: StageId, step: number): LayerContents[] {
  const label = classMap((x, y) => (y < 2 ? 255 : y > 28 ? 0 : x > 30 && y > 20 ? 2 : 1));
  const wrong = Math.max(1, 18 - step / 8);
  const answer = classMap((x, y) =>
    y > 28 + wrong * Math.sin(x / 7) * 0.4 ? 0 : x > 30 + wrong && y > 20 ? 2 : 1,
  );
  const layers: LayerContents[] = [
    layer(
      'image',
      'uint8',
      3,
      Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => 60 + ((i * 7) % 120)),
    ),
    layer('label', 'uint8', 1, label),
    layer(stage, 'uint8', 1, answer),
  ];
  if (kind !== 'baseline' && stage === 'student')
    layers.push(
      layer(
        'teacher',
        'uint8',
        1,
        label.map((v) => v % 255),
      ),
    );
  if (kind === 'rdd' && stage === 'student') {
    const small = Float32Array.from({ length: 36 }, (_, i) => Math.exp(-((i % 6) ** 2) / 9));
    layers.push({ name: 'difficulty', dtype: 'float32', height: 6, width: 6, channels: 1, data: small });
    layers.push(
      layer(
        'mask',
        'uint8',
        1,
        classMap((x, y) => ((x >> 3) + (y >> 4)) % 4),
      ),
    );
  }
  if (kind === 'lad') {
    const values = Float32Array.from(label, (v, i) => (v === 255 ? 0 : (v - 1) * 110 + ((i * 37) % 11) - 5));
    layers.push(layer('noise', 'float32', 1, values));
    if (stage === 'teacher')
      layers.push(
        layer(
          'noise2',
          'float32',
          1,
          values.map((v) => -v),
        ),
      );
  }
  return layers;
}

function layer(
  name: LayerContents['name'],
  dtype: 'uint8' | 'float32',
  channels: number,
  data: Uint8Array | Float32Array,
): LayerContents {
  return { name, dtype, height: SIZE, width: SIZE, channels, data };
}

function classMap(at: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => at(i % SIZE, Math.floor(i / SIZE)));
}
