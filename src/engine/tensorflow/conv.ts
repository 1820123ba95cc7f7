import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import type { Kernels, Shape4 } from '../ops/kernels';
import type { ConvGeometry } from '../ops/ops';
import { cropRowsAndColumns, padRowsAndColumns } from './padding';
import type { RawOperations } from './raw';

type ConvKernels = Pick<Kernels, 'conv' | 'convInputGrad' | 'convFilterGrad'>;

/**
 * TensorFlow's own convolution and gradient operations. On the CPU only oneDNN's versions accept dilation, and those
 * take no explicit padding: padding that SAME does not express is added by hand before a VALID convolution.
 */
export function tensorflowConv(tf: Tf, raw: RawOperations): ConvKernels {
  const attributes = (g: ConvGeometry, padding: 'SAME' | 'VALID') => ({
    strides: [1, g.stride, g.stride, 1],
    dilations: [1, g.dilation, g.dilation, 1],
    padding,
    data_format: 'NHWC',
    use_cudnn_on_gpu: true,
  });
  const sizes = (shape: number[]) => tf.tensor1d(shape, 'int32');

  return {
    conv(x, filter, g) {
      if (isSame(filter.shape, g)) return raw.run('Conv2D', [x, filter], attributes(g, 'SAME'));
      return raw.run('Conv2D', [padRowsAndColumns(tf, x, g.padding), filter], attributes(g, 'VALID'));
    },

    convInputGrad: (dy, filter, inputShape, g) =>
      tf.tidy(() => {
        if (isSame(filter.shape, g))
          return raw.run<Tensor4D>(
            'Conv2DBackpropInput',
            [sizes(inputShape), filter, dy],
            attributes(g, 'SAME'),
          );
        const [n, h, w, c] = inputShape;
        const padded = [n, h + 2 * g.padding, w + 2 * g.padding, c];
        const grad = raw.run<Tensor4D>(
          'Conv2DBackpropInput',
          [sizes(padded), filter, dy],
          attributes(g, 'VALID'),
        );
        return cropRowsAndColumns(tf, grad, g.padding);
      }),

    convFilterGrad: (x, dy, filterShape, g) =>
      tf.tidy(() =>
        isSame(filterShape, g)
          ? raw.run<Tensor4D>('Conv2DBackpropFilter', [x, sizes(filterShape), dy], attributes(g, 'SAME'))
          : raw.run<Tensor4D>(
              'Conv2DBackpropFilter',
              [
                seenPart(tf, padRowsAndColumns(tf, x, g.padding), dy.shape, filterShape, g),
                sizes(filterShape),
                dy,
              ],
              attributes(g, 'VALID'),
            ),
      ),
  };
}

/** TensorFlow's SAME is symmetric padding at stride 1 only: at stride 2 it may put one row more at the end. */
function isSame([kh, kw]: Shape4, g: ConvGeometry): boolean {
  const total = 2 * g.padding;
  return (
    g.padding > 0 && g.stride === 1 && total === g.dilation * (kh - 1) && total === g.dilation * (kw - 1)
  );
}

/**
 * Rows and columns that some output position sees: a strided kernel may leave some over at the end. oneDNN's filter
 * gradient of a 1x1 kernel writes outside its memory when both a row and a column are left over.
 */
function seenPart(
  tf: Tf,
  x: Tensor4D,
  [, outHeight, outWidth]: Shape4,
  [kh, kw]: Shape4,
  { stride, dilation }: ConvGeometry,
): Tensor4D {
  const [n, h, w, c] = x.shape;
  const height = (outHeight - 1) * stride + dilation * (kh - 1) + 1;
  const width = (outWidth - 1) * stride + dilation * (kw - 1) + 1;
  return height === h && width === w ? x : tf.slice(x, [0, 0, 0, 0], [n, height, width, c]);
}
