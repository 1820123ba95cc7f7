import type { Plane } from './plane';

/** A part of a picture as so many pixels of a screen. */
export interface Cut {
  /** Pixels of the screen. */
  width: number;
  height: number;
  /** How many times larger than to fit: 1 shows all of the picture. */
  scale: number;
  /** Corner of what is seen, as fractions of the picture. */
  left: number;
  top: number;
}

export const sameCut = (a: Cut, b: Cut): boolean =>
  a.width === b.width && a.height === b.height && a.scale === b.scale && a.left === b.left && a.top === b.top;

/** Which of `size` pixels lies under the middle of each of `count` pixels of a screen. */
function places(count: number, size: number, from: number, scale: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => {
    const at = Math.floor(((i + 0.5) / count / scale + from) * size);
    return Math.min(size - 1, Math.max(0, at));
  });
}

/**
 * The values that are seen: of every pixel of the screen the one that lies under its middle, none mixed with another. A
 * picture of two million pixels in a pane of fifty thousand costs what fifty thousand cost.
 * @param channels values per pixel of the plane
 * @param out receives width * height * channels of the cut
 */
export function pick<T extends Uint8Array | Float32Array>(
  { width, height, data }: Plane<T>,
  channels: number,
  cut: Cut,
  out: T,
): void {
  const columns = places(cut.width, width, cut.left, cut.scale);
  const rows = places(cut.height, height, cut.top, cut.scale);
  let to = 0;
  let above = -1;
  const stride = cut.width * channels;
  for (const y of rows) {
    // Enlarged, a row of the screen often shows the same pixels as the one above it.
    if (y === above) out.copyWithin(to, to - stride, to);
    else if (channels === 1) {
      const start = y * width;
      for (let i = 0; i < columns.length; i++) out[to + i] = data[start + columns[i]!]!;
    } else
      for (let i = 0; i < columns.length; i++) {
        const from = (y * width + columns[i]!) * channels;
        for (let k = 0; k < channels; k++) out[to + i * channels + k] = data[from + k]!;
      }
    above = y;
    to += stride;
  }
}
