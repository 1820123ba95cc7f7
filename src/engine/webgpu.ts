import { webgpu_util } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all plain operations; the core alone has none.
import '@tensorflow/tfjs';
import { DistillError } from '../protocol/errors';
import type { Engine } from './engine';
import { createOps } from './ops/create-ops';
import type { Kernels } from './ops/kernels';
import { DawnBackend } from './webgpu/backend';
import { webgpuConv } from './webgpu/conv';
import { webgpuConvNorm } from './webgpu/conv-norm';
import { describeAdapter, openDevice } from './webgpu/dawn';
import { webgpuDepthwise } from './webgpu/depthwise';
import { webgpuElementwise } from './webgpu/elementwise';
import { Gpu } from './webgpu/gpu';
import { WEBGPU_VERSION } from './webgpu/home';
import { webgpuNorm } from './webgpu/norm';
import { webgpuPool } from './webgpu/pool';
import { webgpuSoftmax } from './webgpu/softmax';

/**
 * A GPU of any vendor through WebGPU: Dawn's Node binding under TensorFlow.js' WebGPU backend, with shaders of our own
 * where a training spends its time. Sums are cut and added in a fixed order, without atomics.
 * Errors: engine-unavailable, with the remedy.
 */
export async function openWebgpu(): Promise<Engine> {
  const { device, info, tick } = await openDevice();
  const backend = new DawnBackend(device, info, tick);
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu')))
    throw new DistillError('engine-unavailable', 'The WebGPU engine did not start.', {
      remedy: 'Run "distill doctor" and report what it prints; other engines work meanwhile.',
    });
  // One of the backend's ways of multiplying adds floats with atomics, in no fixed order: the one that does not is asked
  // for by name.
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', webgpu_util.MatMulProgramType.MatMulPackedProgram);
  const gpu = new Gpu(tf, backend);
  const conv = webgpuConv(gpu);
  const kernels: Kernels = {
    ...conv,
    ...webgpuConvNorm(gpu, conv),
    ...webgpuDepthwise(gpu),
    ...webgpuNorm(gpu),
    ...webgpuPool(gpu),
    ...webgpuSoftmax(gpu),
    ...webgpuElementwise(gpu),
  };
  const adapter = describeAdapter(info);
  const engineDevice = info.isFallbackAdapter ? 'cpu' : 'gpu';
  return {
    name: 'webgpu',
    device: engineDevice,
    tf,
    ops: createOps(tf, kernels),
    describe: () => ({
      name: 'webgpu',
      device: engineDevice,
      versions: {
        tfjs: tf.version_core,
        webgpu: WEBGPU_VERSION,
        adapter,
        node: process.versions.node,
      },
      summary: info.isFallbackAdapter
        ? `WebGPU on a software adapter (for tests): ${adapter}.`
        : `WebGPU on the GPU ${adapter}.`,
    }),
  };
}
