import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BackendWasm, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all plain operations; the core alone has none.
import '@tensorflow/tfjs';
import { DistillError } from '../protocol/errors';
import type { Engine } from './engine';
import { createOps } from './ops/create-ops';
import type { Kernels } from './ops/kernels';
import { type BackendModule, loadBackendModule } from './wasm/backend-module';
import { wasmConv } from './wasm/conv';
import { wasmDepthwise } from './wasm/depthwise';
import { wasmElementwise } from './wasm/elementwise';
import { WasmHeap } from './wasm/heap';
import { shareClones } from './wasm/identity';
import { compileKernels } from './wasm/kernel-module';
import { wasmNorm } from './wasm/norm';
import { wasmPool } from './wasm/pool';
import { wasmSoftmax } from './wasm/softmax';
import { Threads, wantedThreads } from './wasm/threads';
import { Winograd } from './wasm/winograd';

const BINARY = 'tfjs-backend-wasm-threaded-simd.wasm';

/** The engine that is always there: TensorFlow.js compiled to WebAssembly, on the CPU. */
export async function openWasm(): Promise<Engine> {
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))
    throw new DistillError('engine-unavailable', 'This Node.js runs WebAssembly without SIMD instructions.', {
      remedy: 'Use Node.js 20 or newer on a 64-bit processor.',
    });
  const { module, memory } = loadBackendModule(binaryFile());
  const compiled = compileKernels();
  const threads = await Threads.start(compiled, module, memory, wantedThreads());
  await useBackend(module);
  shareClones(tf);
  const heap = new WasmHeap(tf);
  const kernels: Kernels = {
    ...wasmConv(heap, threads, new Winograd(tf, heap, threads)),
    ...wasmDepthwise(heap, threads),
    ...wasmNorm(tf, heap, threads),
    ...wasmPool(tf, heap, threads),
    ...wasmSoftmax(tf, heap),
    ...wasmElementwise(heap, threads),
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
      summary: summary(threads, compiled.fused),
    }),
  };
}

/** Puts a backend on our memory in the place of the one that the package registers. */
async function useBackend(module: BackendModule): Promise<void> {
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => new BackendWasm(module as never));
  if (!(await tf.setBackend('wasm')))
    throw new DistillError('engine-unavailable', 'The WebAssembly engine did not start.', {
      remedy: 'Reinstall the extension; if it stays so, run "distill doctor" and report what it prints.',
    });
}

function summary({ count, shortfall }: Threads, fused: boolean): string {
  const instructions = fused ? 'SIMD and fused multiply-add' : 'SIMD';
  const threads = count === 1 ? 'one thread' : `${count} threads`;
  const less = shortfall ? ` Others did not start: ${shortfall}.` : '';
  return `TensorFlow.js on WebAssembly with ${instructions}, ${threads} of the CPU.${less}`;
}

/** Beside the bundle, where the build copies the binaries, or in the package when run from source. */
function binaryFile(): string {
  const beside = join(__dirname, BINARY);
  if (existsSync(beside)) return beside;
  try {
    return createRequire(join(__dirname, 'wasm.js')).resolve(`@tensorflow/tfjs-backend-wasm/dist/${BINARY}`);
  } catch (cause) {
    throw new DistillError('engine-unavailable', `${BINARY} is missing.`, {
      where: __dirname,
      remedy: 'Reinstall the extension, or run "npm run build" in a source checkout.',
      cause,
    });
  }
}
