import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { checkGeometry, convOutputSize, refuse } from './check';
import { differentiable } from './differentiable';
import type { Kernels } from './kernels';
import type { ConvGeometry } from './ops';

/** Convolution with gradients for any stride, dilation and symmetric padding; see `Ops.conv2d`. */
export function conv2d(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  filter: Tensor4D,
  geometry: ConvGeometry,
): Tensor4D {
  checkConv('conv2d', x, filter, geometry);
  const seen = seenFilter(tf, x, filter, geometry);
  if (seen.filter !== filter) return conv2d(tf, kernels, x, seen.filter, seen.geometry);
  return differentiable(
    tf,
    [x, filter],
    (save) => {
      save([x, filter]);
      return kernels.conv(x, filter, geometry);
    },
    (dy, saved) => {
      const [sx, sf] = saved as [Tensor4D, Tensor4D];
      return [
        () => kernels.convInputGrad(dy, sf, sx.shape, geometry),
        () => kernels.convFilterGrad(sx, dy, sf.shape, geometry),
      ];
    },
  );
}

/** Convolution of each channel by itself; see `Ops.depthwiseConv2d`. */
export function depthwiseConv2d(
  tf: Tf,
  kernels: Kernels,
  x: Tensor4D,
  filter: Tensor4D,
  geometry: ConvGeometry,
): Tensor4D {
  checkConv('depthwiseConv2d', x, filter, geometry);
  if (filter.shape[3] !== 1)
    refuse(
      'depthwiseConv2d',
      `the filter has ${filter.shape[3]} outputs per channel`,
      'One is supported: [kh,kw,C,1].',
    );
  return differentiable(
    tf,
    [x, filter],
    (save) => {
      save([x, filter]);
      return kernels.depthwise(x, filter, geometry);
    },
    (dy, saved) => {
      const [sx, sf] = saved as [Tensor4D, Tensor4D];
      return [
        () => kernels.depthwiseInputGrad(dy, sf, sx.shape, geometry),
        () => kernels.depthwiseFilterGrad(sx, dy, sf.shape, geometry),
      ];
    },
  );
}

/** The part of a filter that sees the image: the middle tap alone where all others see padding, else all of it. */
export function seenFilter(
  tf: Tf,
  x: Tensor4D,
  filter: Tensor4D,
  geometry: ConvGeometry,
): { filter: Tensor4D; geometry: ConvGeometry } {
  if (!onlyCentreTapSeesInput(x, filter, geometry)) return { filter, geometry };
  const [kh, kw, cin, cout] = filter.shape;
  const centre = tf.slice(filter, [(kh - 1) / 2, (kw - 1) / 2, 0, 0], [1, 1, cin, cout]);
  return { filter: centre, geometry: { stride: geometry.stride, dilation: 1, padding: 0 } };
}

export function checkConv(operation: string, x: Tensor4D, filter: Tensor4D, geometry: ConvGeometry): void {
  if (x.shape.length !== 4 || filter.shape.length !== 4 || x.shape[3] !== filter.shape[2])
    refuse(
      operation,
      `input [${x.shape}] does not match filter [${filter.shape}]`,
      'The input is [N,H,W,C] and the filter [kh,kw,C,outputs].',
    );
  checkGeometry(operation, geometry);
  convOutputSize(operation, x.shape[1], filter.shape[0], geometry);
  convOutputSize(operation, x.shape[2], filter.shape[1], geometry);
}

/**
 * In atrous pyramids over small images the dilation exceeds the image: every tap but the middle one reads padding only,
 * and eight ninths of the work would be multiplications with zero.
 */
function onlyCentreTapSeesInput(x: Tensor4D, filter: Tensor4D, g: ConvGeometry): boolean {
  const [kh, kw] = filter.shape;
  const centred = (k: number) => k % 2 === 1 && g.padding === (g.dilation * (k - 1)) / 2;
  return kh * kw > 1 && centred(kh) && centred(kw) && g.dilation >= x.shape[1] && g.dilation >= x.shape[2];
}
