import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvGeometry } from '../ops/ops';

/** How a position of the result and a tap of the filter meet the source along an axis; see native/wasm-kernels/geometry.ts. */
export interface Meeting {
  up: number;
  step: number;
  base: number;
  down: number;
}

/** Of a convolution: positions are those of its output, the source is its input. */
export function forwards({ stride, dilation, padding }: ConvGeometry): Meeting {
  return { up: stride, step: dilation, base: -padding, down: 1 };
}

/** Of its input gradient: positions are those of the input, the source is the output gradient. */
export function backwards({ stride, dilation, padding }: ConvGeometry): Meeting {
  return { up: 1, step: -dilation, base: padding, down: stride };
}

/** The arguments that `readGeometry` of the kernels takes. */
export function geometryArgs(
  source: Tensor4D,
  pointer: number,
  positions: readonly number[],
  taps: readonly number[],
  m: Meeting,
): number[] {
  return [pointer, ...source.shape, ...positions, ...taps, m.up, m.step, m.base, m.down];
}

/** Output height and width. */
export function convolvedSize(x: Tensor4D, filter: Tensor4D, g: ConvGeometry): [number, number] {
  const size = (input: number, k: number) =>
    Math.floor((input + 2 * g.padding - (k - 1) * g.dilation - 1) / g.stride) + 1;
  return [size(x.shape[1], filter.shape[0]), size(x.shape[2], filter.shape[1])];
}
