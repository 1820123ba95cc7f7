import { availableParallelism } from 'node:os';
import util from 'node:util';
// Registers the gradients of all plain operations; the core alone has none.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-node-gpu/dist/register_all_kernels';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';
import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding';
import { DistillError } from '../protocol/errors';
import type { Engine } from './engine';
import { createOps } from './ops/create-ops';
import type { Kernels } from './ops/kernels';
import { openBinding } from './tensorflow/binding';
import { tensorflowConv } from './tensorflow/conv';
import { cpuKernels } from './tensorflow/cpu/kernels';
import { tensorflowDepthwise } from './tensorflow/depthwise';
import { tensorflowElementwise } from './tensorflow/elementwise';
import type { TensorFlowInstallation } from './tensorflow/installation';
import { tensorflowNorm } from './tensorflow/norm';
import { tensorflowPool } from './tensorflow/pool';
import { RawOperations } from './tensorflow/raw';
import { tensorflowSoftmax } from './tensorflow/softmax';

/**
 * TensorFlow itself, under TensorFlow.js: tfjs-node's backend over our own addon, which loads any TensorFlow library. The
 * package's own entry is bypassed, because it insists on an addon and libraries downloaded by its install script.
 */
export async function openTensorFlow(installation: TensorFlowInstallation): Promise<Engine> {
  prepareProcess();
  const binding = openBinding(installation);
  tf.registerBackend(
    'tensorflow',
    () => new NodeJSKernelBackend(binding as unknown as TFJSBinding, '@tensorflow/tfjs-node-gpu'),
  );
  if (!(await tf.setBackend('tensorflow')))
    throw new DistillError('engine-unavailable', 'TensorFlow was loaded but did not start.', {
      where: installation.library,
      remedy: 'Run "distill doctor" and report what it prints; the engine "wasm" works meanwhile.',
    });
  const raw = new RawOperations(tf.backend(), binding);
  const device = raw.usesGpu ? 'gpu' : 'cpu';
  const conv = tensorflowConv(tf, raw);
  const kernels: Kernels = {
    ...conv,
    ...tensorflowDepthwise(tf, raw),
    ...tensorflowNorm(tf, raw),
    ...tensorflowPool(tf, raw),
    ...tensorflowSoftmax(tf, raw),
    ...tensorflowElementwise(tf, raw),
    ...(device === 'cpu' && cpuKernels(tf, raw, conv)),
  };
  return {
    name: 'tensorflow',
    device,
    tf,
    ops: createOps(tf, kernels),
    describe: () => ({
      name: 'tensorflow',
      device,
      versions: {
        tfjs: tf.version_core,
        tensorflow: binding.TF_Version,
        node: process.versions.node,
      },
      summary:
        device === 'gpu'
          ? `TensorFlow ${binding.TF_Version} on the GPU.`
          : `TensorFlow ${binding.TF_Version} with oneDNN, ${availableParallelism()} threads of the CPU.`,
    }),
  };
}

/** Everything that must be in place before the library is loaded; what the user has set stays. */
function prepareProcess(): void {
  // oneDNN is off by default on many processors; without it the CPU has no dilated convolution gradients at all.
  process.env.TF_ENABLE_ONEDNN_OPTS = '1';
  // TensorFlow otherwise takes all memory of the GPU at once.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // Warnings and errors only.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  // Removed in Node.js 23, still called by tfjs-node.
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
