import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { refuse } from '../../ops/check';
import type { Kernels } from '../../ops/kernels';
import type { RawOperations } from '../raw';

type LossKernels = Pick<Kernels, 'crossEntropy' | 'crossEntropyGrad' | 'klRows' | 'klRowsGrad'>;

/** Softmax losses row by row, without maps of intermediate values. */
export function cpuLosses(raw: RawOperations): LossKernels {
  const { binding } = raw;
  return {
    crossEntropy(logits, labels) {
      const classes = logits.shape[3];
      const [a, b] = raw.ids([logits, labels]) as [number, number];
      try {
        const id = binding.crossEntropy(a, b, labels.size, classes, labels.shape);
        return { loss: raw.made<Tensor3D>(id, labels.shape), saved: [logits, labels] };
      } catch (error) {
        const label = /label value of (\d+)/.exec(String(error))?.[1];
        if (label === undefined) throw error;
        refuse(
          'crossEntropyMap',
          `label ${label} of ${classes} classes`,
          'Labels are 0 to classes - 1, or -1.',
        );
      }
    },

    crossEntropyGrad(dy, saved) {
      const [logits, labels] = saved as [Tensor4D, Tensor3D];
      const classes = logits.shape[3];
      const [a, b, c] = raw.ids([logits, labels, dy]) as [number, number, number];
      const id = binding.crossEntropyGrad(a, b, c, labels.size, classes, logits.shape);
      return raw.made<Tensor4D>(id, logits.shape);
    },

    klRows(student, teacher, temperature) {
      const [rows, classes] = student.shape;
      const [a, b] = raw.ids([student, teacher]) as [number, number];
      return raw.made<Tensor1D>(binding.klRows(a, b, rows, classes, temperature), [rows]);
    },

    klRowsGrad(dy, student, teacher, temperature) {
      const [rows, classes] = student.shape;
      const [a, b, c] = raw.ids([student, teacher, dy]) as [number, number, number];
      const id = binding.klRowsGrad(a, b, c, rows, classes, temperature);
      return raw.made<Tensor2D>(id, student.shape);
    },
  };
}
