/** Red, green and blue in 0..255. */
export type Rgb = readonly [number, number, number];

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** One RGBA pixel as the 32-bit word that ImageData holds on this machine; all parts 0..255. */
export function pack(r: number, g: number, b: number, a = 255): number {
  return littleEndian
    ? ((a << 24) | (b << 16) | (g << 8) | r) >>> 0
    : ((r << 24) | (g << 16) | (b << 8) | a) >>> 0;
}

/** The parts of a packed pixel: red, green, blue, alpha. */
export function unpack(pixel: number): [number, number, number, number] {
  const high = [pixel >>> 24, (pixel >>> 16) & 255, (pixel >>> 8) & 255, pixel & 255] as const;
  return littleEndian ? [high[3], high[2], high[1], high[0]] : [high[0], high[1], high[2], high[3]];
}

export const rgbText = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;
