import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all plain operations; the core alone has none.
import '@tensorflow/tfjs';
import { DistillError } from '../protocol/errors';
import type { Engine } from './engine';
import { createOps } from './ops/create-ops';
import type { Kernels } from './ops/kernels';
import { wasmConv } from './wasm/conv';
import { wasmDepthwise } from './wasm/depthwise';
import { wasmElementwise } from './wasm/elementwise';
import { WasmHeap } from './wasm/heap';
import { shareClones } from './wasm/identity';
import { wasmNorm } from './wasm/norm';
import { wasmPool } from './wasm/pool';
import { loadSimdKernels } from './wasm/simd';
import { wasmSoftmax } from './wasm/softmax';

const BINARY = 'tfjs-backend-wasm-simd.wasm';

/** The engine that is always there: TensorFlow.js compiled to WebAssembly, on the CPU. */
export async function openWasm(): Promise<Engine> {
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))
    throw new DistillError('engine-unavailable', 'This Node.js runs WebAssembly without SIMD instructions.', {
      remedy: 'Use Node.js 20 or newer on a 64-bit processor.',
    });
  setWasmPaths(binaryFolder() + sep);
  if (!(await tf.setBackend('wasm')))
    throw new DistillError('engine-unavailable', 'The WebAssembly engine did not start.', {
      remedy: 'Reinstall the extension; if it stays so, run "distill doctor" and report what it prints.',
    });
  shareClones(tf);
  const heap = new WasmHeap(tf);
  const simd = loadSimdKernels(tf);
  const kernels: Kernels = {
    ...wasmConv(tf, heap, simd),
    ...wasmDepthwise(tf, heap),
    ...wasmNorm(tf, heap, simd),
    ...wasmPool(tf, heap, simd),
    ...wasmSoftmax(tf, heap),
    ...wasmElementwise(tf, heap, simd),
  };
  return {
    name: 'wasm',
    device: 'cpu',
    tf,
    ops: createOps(tf, kernels),
    describe: () => ({
      name: 'wasm',
      device: 'cpu',
      versions: {
        tfjs: tf.version_core,
        'tfjs-backend-wasm': version_wasm,
        node: process.versions.node,
      },
      summary: 'TensorFlow.js on WebAssembly with SIMD, one thread of the CPU.',
    }),
  };
}

/** Beside the bundle, where the build copies the binaries, or in the package when run from source. */
function binaryFolder(): string {
  if (existsSync(join(__dirname, BINARY))) return __dirname;
  try {
    return dirname(
      createRequire(join(__dirname, 'wasm.js')).resolve(`@tensorflow/tfjs-backend-wasm/dist/${BINARY}`),
    );
  } catch (cause) {
    throw new DistillError('engine-unavailable', `${BINARY} is missing.`, {
      where: __dirname,
      remedy: 'Reinstall the extension, or run "npm run build" in a source checkout.',
      cause,
    });
  }
}
