import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

export interface KernelModule {
  module: WebAssembly.Module;
  /** Products are added without rounding in between (`f32x4.relaxed_madd`). */
  fused: boolean;
}

/** The least module with the instruction: (param v128 v128 v128) (result v128), relaxed_madd of the three. */
const RELAXED_SIMD = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
]);

/**
 * Our own kernels, compiled by scripts/build-kernels.mjs in two ways from one source, native/wasm-kernels: with fused
 * multiply-add where this Node.js has it, else without. Machines without such an instruction compute the first like the
 * second, so that results repeat on one machine and may differ in the last bits between two.
 */
export function compileKernels(): KernelModule {
  const fused = hasRelaxedSimd();
  const file = fused ? 'kernels-fused.wasm' : 'kernels.wasm';
  return { module: new WebAssembly.Module(readFileSync(join(__dirname, file))), fused };
}

function hasRelaxedSimd(): boolean {
  if (WebAssembly.validate(RELAXED_SIMD)) return true;
  // V8 11.3, in Node.js 20, has the finished instructions behind a flag; from 11.4 on they are part of the language.
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(RELAXED_SIMD);
}
