import type { Tensor } from '@tensorflow/tfjs-core';
import { flatMain, type Gpu, type Shader } from './gpu';

/** The sum of the rows of [parts, size], one after the other, as a tensor of `shape`. */
export function sumParts<T extends Tensor>(gpu: Gpu, partial: Tensor, shape: number[]): T {
  const [parts, size] = partial.shape as [number, number];
  const out = gpu.alloc<T>(shape);
  gpu.runFlat(shader, size, { inputs: [partial], outputs: [out], params: [size, parts] });
  return out;
}

const shader: Shader = {
  name: 'sum of parts',
  inputs: { partial: 'f32' },
  outputs: { result: 'f32' },
  params: { size: 'u32', parts: 'u32' },
  code: () =>
    flatMain(
      'p.size',
      `  var sum = 0.0;
  for (var part = 0u; part < p.parts; part++) { sum += partial[part * p.size + i]; }
  result[i] = sum;`,
    ),
};
