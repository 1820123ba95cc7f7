import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** native/image-kernels, compiled by scripts/build-kernels.mjs. Pointers are bytes in `memory`. */
export interface ImageKernels {
  memory: WebAssembly.Memory;
  unfilter(raw: number, rows: number, perRow: number, step: number, out: number): number;
  resizeRow(row: number, offsets: number, weights: number, out: number, pixels: number): void;
  blendRow(upper: number, lower: number, a: number, b: number, out: number, values: number): void;
  mapBytes(bytes: number, count: number, table: number): void;
  mapHsv(bytes: number, pixels: number, hue: number, saturation: number, rounds: boolean): void;
  normaliseRow(bytes: number, pixels: number, tables: number, first: number, out: number): void;
}

/** Kernels may touch so many bytes behind what they work on. */
export const SLACK = 32;
const PAGE = 64 * 1024;

let compiled: WebAssembly.Module | undefined;

/** The kernels over a memory of their own. */
export function openImageKernels(): ImageKernels {
  // Beside the bundle, or beside this source.
  compiled ??= new WebAssembly.Module(readFileSync(join(__dirname, 'image-kernels.wasm')));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...(exports as unknown as Omit<ImageKernels, 'memory'>), memory };
}

/** Makes sure that there are so many bytes. Views of the memory are void afterwards. */
export function reserve(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}
