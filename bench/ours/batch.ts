import type { Batch, Sample } from '../../src/data/dataset';
import { normalise } from '../../src/data/normalise';
import { RandomStream } from '../../src/engine/random';
import { CLASSES } from '../workload';

/** An image of coloured blocks with noise, and its label map: blocks of all classes, and some that are ignored. */
export function sampleOf(id: string, size: number): Sample {
  const random = RandomStream.seeded(1, `bench/${id}`);
  const label = new Int8Array(size * size);
  const data = new Uint8Array(3 * size * size);
  const blocks = 8;
  const classes = Array.from({ length: blocks * blocks }, () => random.int(CLASSES + 1) - 1);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const block = Math.floor((y * blocks) / size) * blocks + Math.floor((x * blocks) / size);
      const pixel = y * size + x;
      label[pixel] = classes[block]!;
      for (let c = 0; c < 3; c++)
        data[3 * pixel + c] = (((classes[block]! + 1) * (31 + 22 * c)) % 200) + random.int(56);
    }
  return {
    id,
    image: { width: size, height: size, data },
    label: { width: size, height: size, data: label },
  };
}

/** Samples as they are, side by side, in the form the loader gives them. */
export function batchOf(samples: readonly Sample[]): Batch {
  const { width, height } = samples[0]!.image;
  const images = new Float32Array(samples.length * height * width * 3);
  const labels = new Int32Array(samples.length * height * width);
  for (const [i, { image, label }] of samples.entries()) {
    images.set(normalise(image), i * height * width * 3);
    labels.set(label.data, i * height * width);
  }
  return { ids: samples.map(({ id }) => id), images, labels, n: samples.length, height, width };
}
