import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { encode } from 'fast-png';
import { RandomStream } from '../../../src/engine/random';
import type { ConfigInput } from '../../../src/protocol/config';

const SIZE = 24;
const CLASSES = [
  { name: 'ground', color: [128, 64, 128] },
  { name: 'sky', color: [70, 130, 180] },
];

/** A workspace with a data set of a few tiny pictures; removed when the test file is done. */
export function tinyWorkspace(parent = tmpdir()): string {
  const workspace = mkdtempSync(join(parent, 'distill-tiny-'));
  after(() => rmSync(workspace, { recursive: true, force: true }));
  const random = RandomStream.seeded(3, 'tiny');
  for (const [split, count] of [
    ['train', 6],
    ['val', 2],
  ] as const) {
    for (const kind of ['images', 'labels'])
      mkdirSync(join(workspace, 'data', kind, split), { recursive: true });
    for (let i = 0; i < count; i++) {
      const horizon = 8 + random.int(8);
      const label = Uint8Array.from({ length: SIZE * SIZE }, (_, p) => (p / SIZE < horizon ? 1 : 0));
      const image = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, p) => {
        const base = label[Math.floor(p / 3)] === 1 ? [120, 160, 220] : [90, 80, 70];
        return base[p % 3]! + random.int(30);
      });
      const png = (data: Uint8Array, channels: number) =>
        encode({ width: SIZE, height: SIZE, data, channels, depth: 8 });
      writeFileSync(imageFile(workspace, split, i), png(image, 3));
      writeFileSync(join(workspace, 'data', 'labels', split, `${i}.png`), png(label, 1));
    }
  }
  writeFileSync(join(workspace, 'data', 'classes.json'), JSON.stringify(CLASSES));
  return workspace;
}

export function imageFile(workspace: string, split: 'train' | 'val', index: number): string {
  return join(workspace, 'data', 'images', split, `${index}.png`);
}

/** Writes a configuration that trains in moments; returns its path. */
export function tinyConfig(
  workspace: string,
  name: string,
  change: Partial<Omit<ConfigInput, 'training'>> & { training?: ConfigInput['training'] } = {},
): string {
  const config: ConfigInput = {
    dataset: { kind: 'folder', root: 'data' },
    methods: [{ kind: 'kd' }],
    student: { width: 0.0625 },
    engine: 'wasm',
    ...change,
    training: {
      iterations: 6,
      teacherIterations: 4,
      batch: 2,
      crop: [16, 16],
      evaluateEvery: 3,
      checkpointEvery: 2,
      sampleEvery: 3,
      ...change.training,
    },
  };
  const file = join(workspace, `${name}.distill.json`);
  writeFileSync(file, `// written by a test\n${JSON.stringify(config, null, 2)}\n`);
  return file;
}
