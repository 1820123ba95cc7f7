import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from '../ops/check';
import type { Kernels } from '../ops/kernels';
import type { WasmHeap } from './heap';

type SoftmaxKernels = Pick<
  Kernels,
  'softmax' | 'logSoftmax' | 'crossEntropy' | 'crossEntropyGrad' | 'klRows'
>;

/**
 * The backend's softmax is its fastest exponential. Logarithms come from it without loss: log-sum-exp is
 * z[i] - log(softmax[i]) for any i, and for the largest z, softmax is at least 1/C.
 */
export function wasmSoftmax(tf: Tf, heap: WasmHeap): SoftmaxKernels {
  const softmax = <T extends Tensor>(x: T): T => tf.softmax(x) as T;

  const logSumExp = (z: Float32Array, p: Float32Array, row: number, c: number): number => {
    let best = row;
    for (let i = row + 1; i < row + c; i++) if (z[i]! > z[best]!) best = i;
    return z[best]! - Math.log(p[best]!);
  };

  const logSoftmax = <T extends Tensor>(x: T): T => {
    const c = x.shape[x.shape.length - 1]!;
    const probabilities = softmax(x);
    const out = heap.alloc<T>(x.shape);
    const z = heap.f32(x);
    const p = heap.f32(probabilities);
    const to = heap.f32(out);
    for (let row = 0; row < z.length; row += c) {
      const offset = logSumExp(z, p, row, c);
      for (let i = row; i < row + c; i++) to[i] = z[i]! - offset;
    }
    probabilities.dispose();
    return out;
  };

  return {
    softmax,
    logSoftmax,

    crossEntropy(logits, labels) {
      const c = logits.shape[3];
      const probabilities = softmax(logits);
      const out = heap.alloc<Tensor3D>(labels.shape);
      const z = heap.f32(logits);
      const p = heap.f32(probabilities);
      const label = heap.i32(labels);
      const to = heap.f32(out);
      for (let i = 0; i < to.length; i++) {
        const t = label[i]!;
        if (t >= c)
          refuse('crossEntropyMap', `label ${t} of ${c} classes`, 'Labels are 0 to classes - 1, or -1.');
        to[i] = t < 0 ? 0 : logSumExp(z, p, i * c, c) - z[i * c + t]!;
      }
      return { loss: out, saved: [probabilities, labels] };
    },

    crossEntropyGrad(dy, saved) {
      const [probabilities, labels] = saved as [Tensor4D, Tensor3D];
      const c = probabilities.shape[3];
      const out = heap.alloc<Tensor4D>(probabilities.shape);
      const from = heap.f32(probabilities);
      const to = heap.f32(out);
      const label = heap.i32(labels);
      const gradient = heap.f32(dy);
      for (let i = 0; i < label.length; i++) {
        const row = i * c;
        if (label[i]! < 0) {
          to.fill(0, row, row + c);
          continue;
        }
        const d = gradient[i]!;
        for (let k = row; k < row + c; k++) to[k] = from[k]! * d;
        to[row + label[i]!]! -= d;
      }
      return out;
    },

    klRows(student, teacher, temperature) {
      const c = student.shape[1];
      const s = tf.div(student, temperature) as Tensor2D;
      const t = tf.div(teacher, temperature) as Tensor2D;
      const ps = softmax(s);
      const pt = softmax(t);
      const out = heap.alloc<Tensor1D>([student.shape[0]]);
      const [zs, zt, qs, qt] = [s, t, ps, pt].map((x) => heap.f32(x)) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const to = heap.f32(out);
      for (let r = 0; r < to.length; r++) {
        const row = r * c;
        const offset = logSumExp(zt, qt, row, c) - logSumExp(zs, qs, row, c);
        let sum = 0;
        for (let i = row; i < row + c; i++) sum += qt[i]! * (zt[i]! - zs[i]! - offset);
        to[r] = sum;
      }
      return out;
    },
  };
}
