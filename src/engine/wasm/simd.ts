import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { Tf } from '../engine';

/**
 * Our own kernels on the backend's heap; what each does stands in native/wasm-kernels/kernels.ts, compiled by
 * scripts/build-kernels.mjs. All arguments are byte offsets (`WasmHeap.pointer`) or numbers.
 */
export interface SimdKernels {
  convFilterGrad(...pointersAndShape: number[]): void;
  channelSums(
    a: number,
    b: number,
    centre: number,
    rows: number,
    c: number,
    square: boolean,
    sumA: number,
    sumProduct: number,
  ): void;
  channelAffine(x: number, scale: number, shift: number, to: number, rows: number, c: number): void;
  channelNormGrad(
    dy: number,
    x: number,
    centre: number,
    slope: number,
    offset: number,
    scale: number,
    to: number,
    rows: number,
    c: number,
  ): void;
  alongAxis(
    x: number,
    to: number,
    start: number,
    index: number,
    weight: number,
    outer: number,
    rows: number,
    columns: number,
    inner: number,
  ): void;
  sgdStep(
    weight: number,
    gradient: number,
    velocity: number,
    toWeight: number,
    toVelocity: number,
    n: number,
    lr: number,
    momentum: number,
    weightDecay: number,
  ): void;
}

/** Instantiates the kernels on the memory of the wasm backend, which must be the current one. */
export function loadSimdKernels(tf: Tf): SimdKernels {
  const backend = tf.backend() as unknown as { wasm: { asm?: { memory?: unknown } } };
  const memory = backend.wasm.asm?.memory;
  if (!(memory instanceof WebAssembly.Memory))
    throw new DistillError('engine-unavailable', 'The WebAssembly engine hides its memory.', {
      remedy: 'Install the version of @tensorflow/tfjs-backend-wasm that package.json asks for.',
    });
  const module = new WebAssembly.Module(readFileSync(join(__dirname, 'kernels.wasm')));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as SimdKernels;
}
