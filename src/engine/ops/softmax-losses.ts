import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from './check';
import { differentiable } from './differentiable';
import type { Kernels } from './kernels';

/** See `Ops.logSoftmax`. */
export function logSoftmax<T extends Tensor>(tf: Tf, kernels: Kernels, logits: T): T {
  return differentiable(
    tf,
    [logits],
    (save) => {
      const y = kernels.logSoftmax(logits);
      save([y]);
      return y;
    },
    (dy, [y]) => [() => tf.sub(dy, tf.mul(tf.exp(y!), tf.sum(dy, -1, true)))],
  );
}

/** See `Ops.crossEntropyMap`. */
export function crossEntropyMap(tf: Tf, kernels: Kernels, logits: Tensor4D, labels: Tensor3D): Tensor3D {
  if (labels.dtype !== 'int32' || `${labels.shape}` !== `${logits.shape.slice(0, 3)}`)
    refuse(
      'crossEntropyMap',
      `labels ${labels.dtype} [${labels.shape}] do not match logits [${logits.shape}]`,
      'Labels are int32 [N,H,W] of the size of the logits.',
    );
  return differentiable(
    tf,
    [logits],
    (save) => {
      const { loss, saved } = kernels.crossEntropy(logits, labels);
      save(saved);
      return loss;
    },
    (dy, saved) => [() => kernels.crossEntropyGrad(dy, saved)],
  );
}

/** See `Ops.klRows`. */
export function klRows(
  tf: Tf,
  kernels: Kernels,
  student: Tensor2D,
  teacher: Tensor2D,
  temperature: number,
): Tensor1D {
  if (`${student.shape}` !== `${teacher.shape}`)
    refuse(
      'klRows',
      `student [${student.shape}] and teacher [${teacher.shape}] differ in shape`,
      'Both are [rows, classes].',
    );
  if (!(temperature > 0)) refuse('klRows', `temperature is ${temperature}`, 'Give a number above 0.');
  return differentiable(
    tf,
    [student],
    (save) => {
      save([student, teacher]);
      return kernels.klRows(student, teacher, temperature);
    },
    (dy, saved) => {
      const [s, t] = saved as [Tensor2D, Tensor2D];
      // d KL / d student = (softmax(student/T) - softmax(teacher/T)) / T
      return [
        () => {
          if (kernels.klRowsGrad) return kernels.klRowsGrad(dy, s, t, temperature);
          const difference = tf.sub(
            kernels.softmax(tf.div(s, temperature)),
            kernels.softmax(tf.div(t, temperature)),
          );
          return tf.mul(difference, tf.expandDims(tf.div(dy, temperature), -1));
        },
      ];
    },
  );
}
