import { STREET_CLASSES } from '../../../../samples/classes';
import { streetScene } from '../../../../samples/streets';
import { valueNoise } from '../../../../samples/texture';
import { RandomStream } from '../../../../src/engine/random';
import type { LayerName } from '../../../../src/protocol/events';
import type { LayerData, SampleKey } from '../../../../src/protocol/panel';

/** Layers as a run would write them for one of the sample scenes; predictions get better with `skill` 0..1. */

const confusedWith = [1, 0, 4, 2, 2, 2, 0, 2];

function predict(label: Uint8Array, width: number, skill: number, seed: number): Uint8Array {
  const reach = Math.round((1 - skill) * 6);
  return label.map((_own, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const shift = Math.round((valueNoise(x / 9, y / 9, seed) - 0.5) * 2 * reach);
    const from = label[y * width + Math.min(width - 1, Math.max(0, x + shift))]!;
    const seen = from === 255 ? label[Math.min(label.length - 1, i + width)]! : from;
    const known = seen < confusedWith.length ? seen : 2;
    return valueNoise(x / 13, y / 11, seed + 1) > 0.35 + 0.55 * skill ? confusedWith[known]! : known;
  });
}

function layer(
  name: LayerName,
  data: Uint8Array | Float32Array,
  height: number,
  width: number,
  channels = 1,
): LayerData {
  const copy = data.slice();
  return {
    name,
    dtype: copy instanceof Uint8Array ? 'uint8' : 'float32',
    height,
    width,
    channels,
    data: copy.buffer as ArrayBuffer,
  };
}

function noised(label: Uint8Array, seed: number, pixelStd: number): Float32Array {
  const random = RandomStream.seeded(seed, 'noise');
  const codes = Array.from({ length: STREET_CLASSES.length }, () => random.normal() * 100);
  const own = random.normal() * 100;
  return Float32Array.from(label, (id) => (codes[id] ?? own) + random.normal() * pixelStd * 100);
}

/** The class that was said with 80 %, and the next two. */
function sure(said: Uint8Array): Uint8Array {
  const out = new Uint8Array(said.length * 6);
  for (const [i, id] of said.entries())
    out.set([id, (id + 1) % STREET_CLASSES.length, (id + 2) % STREET_CLASSES.length, 204, 41, 10], i * 6);
  return out;
}

export function sampleLayers(
  method: 'lad' | 'rdd',
  key: SampleKey,
  iterations: number,
  [width, height]: [number, number],
): LayerData[] {
  const scene = streetScene(7, key.id, width, height);
  const label = Uint8Array.from(scene.label);
  const image = Uint8Array.from(scene.rgb);
  const grown = 1 - Math.exp((-3 * key.step) / iterations);
  const layers = [layer('image', image, height, width, 3), layer('label', label, height, width)];
  const teacher = predict(label, width, key.stage === 'teacher' ? 0.1 + 0.8 * grown : 0.9, 11);
  layers.push(layer('teacher', teacher, height, width), layer('teacherTop', sure(teacher), height, width, 6));
  if (key.stage === 'teacher') {
    if (method === 'lad')
      layers.push(
        layer('noise', noised(label, key.step + 1, 0.03), height, width),
        layer('noise2', noised(label, key.step + 501, 0.03), height, width),
      );
    return layers;
  }
  const student = predict(label, width, 0.05 + 0.75 * grown, 29);
  layers.push(layer('student', student, height, width), layer('studentTop', sure(student), height, width, 6));
  if (method === 'lad') layers.push(layer('noise', noised(label, 3, 0.02), height, width));
  else layers.push(...difficultyLayers(label, teacher, student, width, height));
  return layers;
}

function difficultyLayers(
  label: Uint8Array,
  teacher: Uint8Array,
  student: Uint8Array,
  width: number,
  height: number,
): LayerData[] {
  const [w, h] = [width / 8, height / 8];
  const difficulty = new Float32Array(w * h);
  for (let i = 0; i < difficulty.length; i++) {
    const [x, y] = [(i % w) * 8, Math.floor(i / w) * 8];
    let edges = 0;
    for (let dy = 0; dy < 8; dy++)
      for (let dx = 0; dx < 8; dx++) {
        const p = (y + dy) * width + x + dx;
        if (label[p] !== label[p + 1] || teacher[p] !== label[p]) edges++;
      }
    difficulty[i] = Math.exp(-edges / 24 - 0.02 * valueNoise(x, y, 5));
  }
  const mask = label.map((truth, p) => {
    const near = valueNoise((p % width) / 5, p / width / 5, 77) > 0.8;
    return Number(student[p] !== truth || near) + 2 * Number(teacher[p] !== truth);
  });
  const weight = Float32Array.from(difficulty, (d) => 1 - d);
  return [
    layer('difficulty', difficulty, h, w),
    layer('mask', mask, height, width),
    layer('weight', weight, h, w),
  ];
}
