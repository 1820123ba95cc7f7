import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../ops/kernels';
import type { RawOperations } from '../raw';

/** Batch norm with the addition and the ReLU that follow it, in two passes over the map; so the gradient. */
export function cpuNorm(raw: RawOperations): Pick<Kernels, 'fusedNorm'> {
  const { binding } = raw;
  const sizes = ({ size, shape }: Tensor4D): [rows: number, channels: number] => [size / shape[3], shape[3]];

  return {
    fusedNorm: {
      train(x, gamma, beta, epsilon, { added, relu }) {
        const [rows, channels] = sizes(x);
        const [ix, ig, ib] = raw.ids([x, gamma, beta]) as [number, number, number];
        const other = added ? raw.ids([added])[0]! : -1;
        const ids = binding.normTrain(ix, ig, ib, other, relu, rows, channels, epsilon, x.shape);
        const y = raw.made<Tensor4D>(ids[0], x.shape);
        const [mean, variance, inverse] = ids.slice(1).map((id) => raw.made<Tensor1D>(id, [channels])) as [
          Tensor1D,
          Tensor1D,
          Tensor1D,
        ];
        return { y, mean, variance, saved: [mean, inverse] };
      },

      trainGrad(dy, y, x, gamma, saved, added) {
        const [rows, channels] = sizes(x);
        const [mean, inverse] = saved as [Tensor, Tensor];
        const [idy, ix, ig, im, ii] = raw.ids([dy, x, gamma, mean, inverse]) as [
          number,
          number,
          number,
          number,
          number,
        ];
        const iy = y ? raw.ids([y])[0]! : -1;
        const ids = binding.normTrainGrad(idy, iy, ix, ig, im, ii, rows, channels, added, x.shape);
        return {
          x: raw.made<Tensor4D>(ids[0], x.shape),
          gamma: raw.made<Tensor1D>(ids[1], [channels]),
          beta: raw.made<Tensor1D>(ids[2], [channels]),
          ...(added && { added: raw.made<Tensor4D>(ids[3], x.shape) }),
        };
      },
    },
  };
}
