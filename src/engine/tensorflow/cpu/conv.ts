import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels, Shape4 } from '../../ops/kernels';
import type { ConvGeometry } from '../../ops/ops';
import type { RawOperations } from '../raw';

export type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/**
 * Convolutions of our own where they are faster than TensorFlow's: 3x3 kernels at stride 1 by Winograd's minimal
 * filtering, which takes a quarter of the multiplications. Everything else stays with `others`.
 */
export function cpuConv(raw: RawOperations, others: ConvKernels): ConvKernels {
  const { binding } = raw;
  const fits = new Map<string, boolean>();
  const suits = ([n, h, w]: Shape4, [kh, kw, from, to]: Shape4, g: ConvGeometry): boolean => {
    if (kh !== 3 || kw !== 3 || g.stride !== 1 || g.padding !== g.dilation) return false;
    const key = `${n} ${h} ${w} ${g.dilation} ${from} ${to}`;
    let fit = fits.get(key);
    if (fit === undefined) {
      fit = binding.winogradFits(n, h, w, g.dilation, from, to);
      fits.set(key, fit);
    }
    return fit;
  };

  return {
    conv(x, filter, g) {
      if (!suits(x.shape, filter.shape, g)) return others.conv(x, filter, g);
      const [n, h, w, from] = x.shape;
      const to = filter.shape[3];
      const [a, b] = raw.ids([x, filter]) as [number, number];
      return raw.made<Tensor4D>(binding.winograd(a, b, n, h, w, g.dilation, from, to), [n, h, w, to]);
    },

    convInputGrad(dy, filter, inputShape, g) {
      if (!suits(inputShape, filter.shape, g)) return others.convInputGrad(dy, filter, inputShape, g);
      const [n, h, w, from] = inputShape;
      const [a, b] = raw.ids([dy, filter]) as [number, number];
      const id = binding.winogradInputGradient(a, b, n, h, w, g.dilation, from, filter.shape[3]);
      return raw.made<Tensor4D>(id, inputShape);
    },

    convFilterGrad(x, dy, filterShape, g) {
      if (!suits(x.shape, filterShape, g)) return others.convFilterGrad(x, dy, filterShape, g);
      const [n, h, w, from] = x.shape;
      const [a, b] = raw.ids([x, dy]) as [number, number];
      const id = binding.winogradFilterGradient(a, b, n, h, w, g.dilation, from, filterShape[3]);
      return raw.made<Tensor4D>(id, filterShape);
    },
  };
}
