import type { RunEvent } from '../../src/protocol/events';
import { scoreSample } from '../../src/run/sample-scores';
import { type LayerContents, writeSample } from '../../src/run/samples';
import { CLASSES, noise } from './simulated-run';

/** As `strideFor` of the trainer: what is looked up pixel by pixel is kept more coarsely where a picture is large. */
const MOST_PIXELS = 512 * 512;
const IGNORED = 255;

/**
 * The pictures that a run of RDD keeps of an image, every layer with something of every class in it: bands with ragged
 * borders, which the student gets wrong here and there.
 */
export function writeSimulatedSample(
  folder: string,
  { id, step, width, height }: { id: string; step: number; width: number; height: number },
): RunEvent {
  const layers = layersOf(width, height, step);
  return {
    kind: 'sample',
    at: Date.now(),
    stage: 'student',
    step,
    id,
    layers: writeSample(folder, { stage: 'student', step, id, layers }),
    scores: scoreSample(layers),
  };
}

function layersOf(width: number, height: number, step: number): LayerContents[] {
  const pixels = width * height;
  const image = new Uint8Array(3 * pixels);
  const [label, teacher, student, mask] = [0, 1, 2, 3].map(() => new Uint8Array(pixels)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const ragged = 0.6 * Math.sin(y / 23) + 0.3 * Math.sin((x + y) / 11);
      const band = Math.floor((x / width) * CLASSES + ragged + CLASSES) % CLASSES;
      const chance = noise(x >> 3, (y >> 3) + step);
      label[p] = chance > 0.985 ? IGNORED : band;
      teacher[p] = chance > 0.93 ? (band + 1) % CLASSES : band;
      student[p] = chance > 0.85 ? (band + 2) % CLASSES : band;
      mask[p] = chance > 0.95 ? 3 : chance > 0.85 ? 1 : 0;
      const light = 120 + 60 * Math.sin(x / 40) + 40 * Math.sin(y / 17);
      image[3 * p] = light;
      image[3 * p + 1] = (light + 9 * band) % 256;
      image[3 * p + 2] = 255 - light / 2;
    }
  const stride = Math.ceil(Math.sqrt(Math.max(1, pixels / MOST_PIXELS)));
  const [h, w] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const [oh, ow] = [Math.ceil(height / 8), Math.ceil(width / 8)];
  const top = new Uint8Array(6 * h * w);
  for (let p = 0; p < h * w; p++)
    top.set([p % CLASSES, (p + 3) % CLASSES, (p + 7) % CLASSES, 190, 40, 12], 6 * p);
  const bytes = (name: LayerContents['name'], data: Uint8Array): LayerContents => ({
    name,
    dtype: 'uint8',
    height,
    width,
    channels: data.length / pixels,
    data,
  });
  const coarse = { dtype: 'uint8', height: h, width: w, channels: 6, data: top } as const;
  const floats = (n: number) => Float32Array.from({ length: n }, (_, i) => 0.05 + 0.95 * noise(i, step));
  return [
    bytes('image', image),
    bytes('label', label),
    bytes('teacher', teacher),
    bytes('student', student),
    { ...coarse, name: 'teacherTop' },
    { ...coarse, name: 'studentTop' },
    { name: 'difficulty', dtype: 'float32', height: oh, width: ow, channels: 1, data: floats(oh * ow) },
    bytes('mask', mask),
    { name: 'weight', dtype: 'float32', height: h, width: w, channels: 1, data: floats(h * w) },
  ];
}
