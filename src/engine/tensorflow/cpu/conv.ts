import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels, Shape4 } from '../../ops/kernels';
import type { ConvGeometry } from '../../ops/ops';
import type { ConvNumbers } from '../binding';
import type { RawOperations } from '../raw';

export type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/** Images have 3 channels or 4: a vector of inputs would be mostly empty. */
const FEWEST_CHANNELS = 8;

/**
 * Convolutions of our own: 3x3 kernels at stride 1 by Winograd's minimal filtering, which takes a quarter of the
 * multiplications; others directly, without padded copies and without the taps that see padding only. What TensorFlow does
 * better stays with `others`.
 */
export function cpuConv(raw: RawOperations, others: ConvKernels): ConvKernels & Pick<Kernels, 'convNorm'> {
  const { binding } = raw;
  const fits = new Map<string, boolean>();
  const suitsWinograd = ([n, h, w]: Shape4, [kh, , from, to]: Shape4, g: ConvGeometry): boolean => {
    if (kh !== 3 || g.stride !== 1 || g.padding !== g.dilation) return false;
    const key = `${n} ${h} ${w} ${g.dilation} ${from} ${to}`;
    let fit = fits.get(key);
    if (fit === undefined) {
      fit = binding.winogradFits(n, h, w, g.dilation, from, to);
      fits.set(key, fit);
    }
    return fit;
  };
  /** The convolution as numbers; undefined where it is left to TensorFlow. */
  const ours = (input: Shape4, filter: Shape4, g: ConvGeometry): ConvNumbers | undefined => {
    const [kh, kw, from, to] = filter;
    if (kh !== kw || from < FEWEST_CHANNELS) return undefined;
    const [n, h, w] = input;
    const winograd = suitsWinograd(input, filter, g) ? 1 : 0;
    return [n, h, w, from, to, kh, g.stride, g.dilation, g.padding, winograd];
  };

  return {
    conv(x, filter, g) {
      const numbers = ours(x.shape, filter.shape, g);
      if (!numbers) return others.conv(x, filter, g);
      const [a, b] = raw.ids([x, filter]) as [number, number];
      return raw.made<Tensor4D>(binding.conv(a, b, ...numbers), outputShape(x.shape, filter.shape, g));
    },

    convNorm(x, filter, g, { gamma, beta, mean, variance, epsilon }, { added, relu }) {
      const numbers = ours(x.shape, filter.shape, g);
      if (!numbers) return undefined;
      const inputs: Tensor[] = [x, filter, gamma, beta, mean, variance];
      const [a, b, ...norm] = raw.ids(inputs) as [number, number, number, number, number, number];
      const other = added ? raw.ids([added])[0]! : -1;
      const id = binding.convNorm(a, b, ...norm, epsilon, other, relu, ...numbers);
      return raw.made<Tensor4D>(id, outputShape(x.shape, filter.shape, g));
    },

    convInputGrad(dy, filter, inputShape, g) {
      const numbers = ours(inputShape, filter.shape, g);
      const reach = g.dilation * (filter.shape[0] - 1);
      if (!numbers || g.stride !== 1 || g.padding > reach)
        return others.convInputGrad(dy, filter, inputShape, g);
      const [a, b] = raw.ids([dy, filter]) as [number, number];
      return raw.made<Tensor4D>(binding.convInputGrad(a, b, ...numbers), inputShape);
    },

    convFilterGrad(x, dy, filterShape, g) {
      const numbers = ours(x.shape, filterShape, g);
      if (!numbers) return others.convFilterGrad(x, dy, filterShape, g);
      const [a, b] = raw.ids([x, dy]) as [number, number];
      return raw.made<Tensor4D>(binding.convFilterGrad(a, b, ...numbers), filterShape);
    },
  };
}

function outputShape([n, h, w]: Shape4, [kernel, , , to]: Shape4, g: ConvGeometry): Shape4 {
  const along = (size: number) =>
    Math.floor((size + 2 * g.padding - g.dilation * (kernel - 1) - 1) / g.stride) + 1;
  return [n, along(h), along(w), to];
}
