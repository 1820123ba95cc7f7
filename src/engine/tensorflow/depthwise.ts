import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels, Shape4 } from '../ops/kernels';
import { cropRowsAndColumns, padRowsAndColumns } from './padding';
import type { RawOperations } from './raw';

type DepthwiseKernels = Pick<Kernels, 'depthwise' | 'depthwiseInputGrad' | 'depthwiseFilterGrad'>;

/**
 * TensorFlow's depthwise operations ignore or refuse dilation, depending on the device: a dilated filter is written out
 * with its zeros.
 */
export function tensorflowDepthwise(tf: Tf, raw: RawOperations): DepthwiseKernels {
  const attributes = (stride: number) => ({
    strides: [1, stride, stride, 1],
    dilations: [1, 1, 1, 1],
    padding: 'VALID',
    data_format: 'NHWC',
  });
  const sizes = (shape: number[]) => tf.tensor1d(shape, 'int32');

  return {
    depthwise: (x, filter, g) =>
      tf.tidy(() =>
        raw.run<Tensor4D>(
          'DepthwiseConv2dNative',
          [padRowsAndColumns(tf, x, g.padding), writeOut(tf, filter, g.dilation)],
          attributes(g.stride),
        ),
      ),

    depthwiseInputGrad: (dy, filter, [n, h, w, c], g) =>
      tf.tidy(() => {
        const padded = [n, h + 2 * g.padding, w + 2 * g.padding, c];
        const grad = raw.run<Tensor4D>(
          'DepthwiseConv2dNativeBackpropInput',
          [sizes(padded), writeOut(tf, filter, g.dilation), dy],
          attributes(g.stride),
        );
        return cropRowsAndColumns(tf, grad, g.padding);
      }),

    depthwiseFilterGrad: (x, dy, filterShape, g) =>
      tf.tidy(() => {
        const [kh, kw, c] = filterShape;
        const written = [(kh - 1) * g.dilation + 1, (kw - 1) * g.dilation + 1, c, 1];
        const grad = raw.run<Tensor4D>(
          'DepthwiseConv2dNativeBackpropFilter',
          [padRowsAndColumns(tf, x, g.padding), sizes(written), dy],
          attributes(g.stride),
        );
        return pickTaps(tf, grad, filterShape, g.dilation);
      }),
  };
}

/** [kh,kw,C,1] -> [(kh-1)*d+1,(kw-1)*d+1,C,1] with d - 1 zeros between the taps. */
function writeOut(tf: Tf, filter: Tensor4D, d: number): Tensor4D {
  if (d === 1) return filter;
  const [kh, kw, c] = filter.shape;
  const spaced = tf.pad(tf.reshape(filter, [kh, 1, kw, 1, c]), [
    [0, 0],
    [0, d - 1],
    [0, 0],
    [0, d - 1],
    [0, 0],
  ]);
  const all = tf.reshape(spaced, [kh * d, kw * d, c, 1]) as Tensor4D;
  return tf.slice(all, [0, 0, 0, 0], [(kh - 1) * d + 1, (kw - 1) * d + 1, c, 1]);
}

/** Undoes `writeOut`. */
function pickTaps(tf: Tf, written: Tensor4D, [kh, kw, c]: Shape4, d: number): Tensor4D {
  if (d === 1) return written;
  const all = tf.pad(written, [
    [0, d - 1],
    [0, d - 1],
    [0, 0],
    [0, 0],
  ]);
  const picked = tf.slice(tf.reshape(all, [kh, d, kw, d, c]), [0, 0, 0, 0, 0], [kh, 1, kw, 1, c]);
  return tf.reshape(picked, [kh, kw, c, 1]);
}
