import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../ops/kernels';
import { flatMain, type Gpu, type Shader } from './gpu';

type ElementwiseKernels = Pick<Kernels, 'reluGrad' | 'sgdStep' | 'blend'>;

export function webgpuElementwise(gpu: Gpu): ElementwiseKernels {
  return {
    reluGrad(dy, y) {
      const out = gpu.alloc<Tensor4D>(y.shape);
      gpu.runFlat(reluGradShader, y.size, { inputs: [dy, y], outputs: [out], params: [y.size] });
      return out;
    },

    sgdStep(weight, gradient, velocity, { lr, momentum, weightDecay }) {
      // Into new memory, because the old may be shared with a clone.
      const nextWeight = gpu.alloc(weight.shape);
      const nextVelocity = gpu.alloc(velocity.shape);
      gpu.runFlat(sgdShader, weight.size, {
        inputs: [weight, gradient, velocity],
        outputs: [nextWeight, nextVelocity],
        params: [lr, momentum, weightDecay],
      });
      weight.assign(nextWeight);
      velocity.assign(nextVelocity);
      nextWeight.dispose();
      nextVelocity.dispose();
    },

    blend(updates, share) {
      for (const { target, value } of updates) {
        const next = gpu.alloc(target.shape);
        gpu.runFlat(blendShader, target.size, { inputs: [target, value], outputs: [next], params: [share] });
        target.assign(next);
        next.dispose();
      }
    },
  };
}

const blendShader: Shader = {
  name: 'blend',
  inputs: { before: 'f32', value: 'f32' },
  outputs: { result: 'f32' },
  params: { share: 'f32' },
  code: () =>
    flatMain('arrayLength(&before)', '  result[i] = before[i] * (1.0 - p.share) + value[i] * p.share;'),
};

const reluGradShader: Shader = {
  name: 'relu gradient',
  inputs: { dy: 'f32', y: 'f32' },
  outputs: { result: 'f32' },
  params: { size: 'u32' },
  code: () => flatMain('p.size', '  result[i] = select(0.0, dy[i], y[i] > 0.0);'),
};

const sgdShader: Shader = {
  name: 'sgd step',
  inputs: { weight: 'f32', gradient: 'f32', velocity: 'f32' },
  outputs: { nextWeight: 'f32', nextVelocity: 'f32' },
  // No size here: the numbers are the same for all weights of a step.
  params: { lr: 'f32', momentum: 'f32', decay: 'f32' },
  code: () =>
    flatMain(
      'arrayLength(&weight)',
      `  let v = p.momentum * velocity[i] + (gradient[i] + p.decay * weight[i]);
  nextVelocity[i] = v;
  nextWeight[i] = weight[i] - p.lr * v;`,
    ),
};
