import type { RgbImage } from './dataset';
import { segments } from './jpeg';

/** 1 = as stored; the others as EXIF 2.3 numbers them (tag 0x0112). */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The orientation a camera wrote into a JPEG; 1 where it wrote none. */
export function jpegOrientation(bytes: Uint8Array): Orientation {
  for (const { marker, data } of segments(bytes)) {
    if (marker !== 0xe1 || data.byteLength < 14 || data.getUint32(0) !== 0x45786966) continue;
    const tiff = new DataView(data.buffer, data.byteOffset + 6, data.byteLength - 6);
    const le = tiff.getUint16(0) === 0x4949;
    const directory = tiff.getUint32(4, le);
    if (directory + 2 > tiff.byteLength) return 1;
    const entries = tiff.getUint16(directory, le);
    for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.byteLength; i++, at += 12)
      if (tiff.getUint16(at, le) === 0x0112) {
        const value = tiff.getUint16(at + 8, le);
        return value >= 1 && value <= 8 ? (value as Orientation) : 1;
      }
  }
  return 1;
}

/** The picture as it is meant to be seen. */
export function upright(image: RgbImage, orientation: Orientation): RgbImage {
  if (orientation === 1) return image;
  const { width: w, height: h, data } = image;
  const turned = orientation >= 5;
  const [width, height] = turned ? [h, w] : [w, h];
  const mirrorX = [2, 3, 7, 8].includes(orientation);
  const mirrorY = [3, 4, 6, 7].includes(orientation);
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = turned ? [y, x] : [x, y];
      const from = ((mirrorY ? h - 1 - v : v) * w + (mirrorX ? w - 1 - u : u)) * 3;
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) out[to + c] = data[from + c]!;
    }
  return { width, height, data: out };
}
