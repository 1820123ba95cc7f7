import { pack } from './color';

/** Paints row-major RGB bytes (3 per pixel), opaque. */
export function paintRgb(rgb: Uint8Array, out: Uint32Array): void {
  for (let i = 0, j = 0; i < out.length; i++, j += 3) out[i] = pack(rgb[j]!, rgb[j + 1]!, rgb[j + 2]!);
}
