import { DistillError } from '../protocol/errors';
import type { RgbImage } from './dataset';
import { type DecodedPng, decodePng, decodePngRows, type PngHeader } from './png-decode';
import { refuseHugeImage, unreadableImage } from './unreadable';

/** Raw values of a one-channel picture: palette indices, or grey levels as stored (not stretched to 0..255). */
export interface IndexImage {
  width: number;
  height: number;
  data: Uint8Array | Uint16Array;
}

/** Decodes a PNG of any kind to RGB; alpha is dropped, 16 bit keeps the upper byte. Errors: image-unreadable. */
export function readRgbPng(bytes: Uint8Array, file: string): RgbImage {
  return toRgb(decode(bytes, file), file);
}

/** The same, but `data` may end after the first `rows` rows. */
export async function readRgbPngRows(bytes: Uint8Array, file: string, rows: number): Promise<RgbImage> {
  try {
    return toRgb(await decodePngRows(bytes, (header) => refuseHuge(header, file), rows), file);
  } catch (error) {
    throw asUnreadable(error, file);
  }
}

function toRgb(
  { width, height, channels, depth, palette, data: values }: DecodedPng,
  file: string,
): RgbImage {
  if (channels === 3 && depth === 8) return { width, height, data: values as Uint8Array };
  const pixels = values.length / channels;
  const data = new Uint8Array(pixels * 3);
  // Grey of 1, 2 and 4 bit is stretched to 0..255; 16 bit is reduced to its upper byte.
  const factor = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const shift = depth === 16 ? 8 : 0;
  for (let p = 0, o = 0; p < pixels; p++, o += 3) {
    const at = p * channels;
    if (palette && channels === 1) {
      const entry = values[at]! * 3;
      if (entry >= palette.length)
        throw unreadableImage(file, `palette entry ${values[at]} is used but not defined`);
      for (let c = 0; c < 3; c++) data[o + c] = palette[entry + c]!;
    } else
      for (let c = 0; c < 3; c++) data[o + c] = (values[at + (channels >= 3 ? c : 0)]! >> shift) * factor;
  }
  return { width, height, data };
}

/**
 * Decodes a label PNG without touching its values: a palette PNG gives indices, a grey one of 1/2/4/8/16 bit the stored
 * levels. Errors: image-unreadable (damaged), dataset-label (colours instead of ids).
 */
export function readIndexPng(bytes: Uint8Array, file: string): IndexImage {
  const { width, height, channels, data } = decode(bytes, file);
  if (channels !== 1)
    throw new DistillError('dataset-label', `The label map has ${channels} channels (colours).`, {
      where: file,
      remedy: 'Store class ids as an 8-bit grey or palette PNG with one value per pixel.',
    });
  return { width, height, data };
}

function decode(bytes: Uint8Array, file: string): DecodedPng {
  try {
    return decodePng(bytes, (header) => refuseHuge(header, file));
  } catch (error) {
    throw asUnreadable(error, file);
  }
}

function refuseHuge({ width, height }: PngHeader, file: string): void {
  refuseHugeImage(file, width, height);
}

function asUnreadable(error: unknown, file: string): DistillError {
  if (error instanceof DistillError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return unreadableImage(file, `the PNG is damaged (${reason})`, error);
}
