import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import type { Gpu } from './gpu';
import { frozen } from './norm';

/** Convolutions of frozen networks: norm, addition and ReLU in one pass over the result instead of three. */
export function webgpuConvNorm(gpu: Gpu, { conv }: Pick<Kernels, 'conv'>): Pick<Kernels, 'convNorm'> {
  return {
    convNorm(x, filter, geometry, { gamma, beta, mean, variance, epsilon }, { added, relu }) {
      const convolved = conv(x, filter, geometry);
      const y = gpu.alloc<Tensor4D>(convolved.shape);
      gpu.runFlat(frozen(added !== undefined, relu), y.size, {
        inputs: [convolved, gamma, beta, mean, variance, ...(added ? [added] : [])],
        outputs: [y],
        params: [y.size, y.shape[3], epsilon],
      });
      convolved.dispose();
      return y;
    },
  };
}
