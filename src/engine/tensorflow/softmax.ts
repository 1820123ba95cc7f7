import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from '../ops/check';
import type { Kernels } from '../ops/kernels';
import type { RawOperations } from './raw';

type SoftmaxKernels = Pick<
  Kernels,
  'softmax' | 'logSoftmax' | 'crossEntropy' | 'crossEntropyGrad' | 'klRows'
>;

export function tensorflowSoftmax(tf: Tf, raw: RawOperations): SoftmaxKernels {
  const logSoftmax = <T extends Tensor>(x: T): T => raw.run<T>('LogSoftmax', [x]);

  return {
    softmax: (x) => tf.softmax(x),
    logSoftmax,

    crossEntropy(logits, labels) {
      const [n, h, w, c] = logits.shape;
      // The operation refuses -1 on the CPU: ignored pixels are computed as class 0 and taken out.
      const counted = tf.greaterEqual(labels, 0);
      const inputs = [
        tf.reshape(logits, [-1, c]),
        tf.reshape(tf.maximum(labels, tf.scalar(0, 'int32')), [-1]),
      ];
      const [loss, gradient] = sparseCrossEntropy(raw, inputs, c);
      return {
        loss: tf.where(counted, tf.reshape(loss, [n, h, w]), 0),
        saved: [tf.reshape(gradient, [n, h, w, c]), counted],
      };
    },

    crossEntropyGrad(dy, saved) {
      const [gradient, counted] = saved as [Tensor4D, Tensor];
      const weight = tf.where(counted, dy, 0);
      return tf.mul(gradient, tf.expandDims(weight, -1));
    },

    klRows(student, teacher, temperature) {
      const s = logSoftmax(tf.div<Tensor2D>(student, temperature));
      const t = logSoftmax(tf.div<Tensor2D>(teacher, temperature));
      return tf.sum(tf.mul(tf.exp(t), tf.sub(t, s)), -1);
    },
  };
}

/** Loss [P] and its gradient [P,C]. */
function sparseCrossEntropy(raw: RawOperations, inputs: Tensor[], classes: number): [Tensor, Tensor] {
  try {
    return raw.runMany('SparseSoftmaxCrossEntropyWithLogits', inputs, 2, {
      Tlabels: { type: 'int32' },
    }) as [Tensor, Tensor];
  } catch (error) {
    const label = /label value of (\d+)/.exec(String(error))?.[1];
    if (label === undefined) throw error;
    refuse('crossEntropyMap', `label ${label} of ${classes} classes`, 'Labels are 0 to classes - 1, or -1.');
  }
}
