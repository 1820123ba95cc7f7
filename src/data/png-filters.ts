import { type ImageKernels, openImageKernels, reserve, SLACK } from './image-kernels';

/** Rows go through the module's memory by so many bytes at a time: they stay in the processor's cache, and memory small. */
const BAND = 128 * 1024;
let kernels: ImageKernels | undefined;

/**
 * Undoes the filters of PNG rows (PNG specification, 9.2).
 * @param raw from byte `from` on: `rows` rows of a filter byte and `perRow` bytes
 * @param step bytes between a value and the one to its left
 * @returns rows of `perRow` bytes
 * Errors: Error, for a filter that does not exist.
 */
export function unfilter(
  raw: Uint8Array,
  from: number,
  rows: number,
  perRow: number,
  step: number,
): Uint8Array {
  kernels ??= openImageKernels();
  const { memory } = kernels;
  const band = Math.max(1, Math.min(rows, Math.floor(BAND / perRow)));
  // The row above, the band's rows, what they are made of.
  const out = perRow;
  const source = out + band * perRow + SLACK;
  reserve(memory, source + band * (perRow + 1) + SLACK);
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0, 0, perRow);
  const result = new Uint8Array(rows * perRow);
  for (let y = 0; y < rows; y += band) {
    const count = Math.min(band, rows - y);
    const at = from + y * (perRow + 1);
    bytes.set(raw.subarray(at, at + count * (perRow + 1)), source);
    const unknown = kernels.unfilter(source, count, perRow, step, out);
    if (unknown >= 0)
      throw new Error(`row ${y + unknown} has the unknown filter ${raw[at + unknown * (perRow + 1)]}`);
    result.set(bytes.subarray(out, out + count * perRow), y * perRow);
    bytes.copyWithin(0, count * perRow, (count + 1) * perRow);
  }
  return result;
}
