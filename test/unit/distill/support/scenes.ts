import type { ClassInfo, Dataset, Sample, Split } from '../../../../src/data/dataset';
import { RandomStream } from '../../../../src/engine/random';
import { memoryDataset } from '../../../lib/memory-dataset';

/** Grey, red, green and blue surfaces: the classes can be told apart by colour alone. */
const colors = [
  [90, 90, 90],
  [200, 40, 40],
  [40, 180, 60],
  [50, 70, 220],
] as const;
export const CLASSES = colors.length;

/** A dataset in memory: a background with two rectangles and a strip of ignored pixels. */
export function sceneDataset(
  options: { train?: number; val?: number; size?: [number, number]; edit?: (sample: Sample) => void } = {},
): Dataset {
  const { train = 4, val = 2, size = [40, 40], edit } = options;
  const samples: Record<Split, Sample[]> = { train: [], val: [], test: [] };
  for (const [split, count] of [
    ['train', train],
    ['val', val],
  ] as const)
    for (let i = 0; i < count; i++) {
      const sample = scene(`${split}-${i}`, size);
      edit?.(sample);
      samples[split].push(sample);
    }
  const classes = colors.map((color, i): ClassInfo => ({ name: `class ${i}`, color: [...color] }));
  return memoryDataset('scenes', classes, samples);
}

function scene(id: string, [height, width]: [number, number]): Sample {
  const random = RandomStream.seeded(7, id);
  const label = new Int8Array(height * width);
  const paint = (value: number, y0: number, y1: number, x0: number, x1: number) => {
    for (let y = y0; y < y1; y++) label.fill(value, y * width + x0, y * width + x1);
  };
  for (let k = 1; k < CLASSES; k++) {
    const y = random.int(height / 2);
    const x = random.int(width / 2);
    paint(k, y, y + height / 2, x, x + width / 2);
  }
  paint(-1, 0, 2, 0, width);
  const data = new Uint8Array(height * width * 3);
  for (let p = 0; p < label.length; p++)
    for (let c = 0; c < 3; c++)
      data[3 * p + c] = Math.max(0, Math.min(255, colors[Math.max(0, label[p]!)]![c]! + 8 * random.normal()));
  return { id, image: { width, height, data }, label: { width, height, data: label } };
}
