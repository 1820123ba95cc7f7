import { type DecodedPng, decode } from 'fast-png';
import { DistillError } from '../protocol/errors';
import type { RgbImage } from './dataset';
import { refuseHugeImage, unreadableImage } from './unreadable';

/** Raw values of a one-channel PNG: palette indices, or grey levels as stored (not stretched to 0..255). */
export interface IndexImage {
  width: number;
  height: number;
  data: Uint8Array | Uint16Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((b, i) => bytes[i] === b);
}

/** Decodes a PNG of any kind to RGB; alpha is dropped, 16 bit keeps the upper byte. Errors: image-unreadable. */
export function readRgbPng(bytes: Uint8Array, file: string): RgbImage {
  const png = decodeChecked(bytes, file);
  const { width, height, channels, palette } = png;
  const values = unpackRows(png);
  const data = new Uint8Array(width * height * 3);
  // Grey of 1, 2 and 4 bit is stretched to 0..255; 16 bit is reduced to its upper byte.
  const factor = png.depth < 8 ? 255 / (2 ** png.depth - 1) : 1;
  const shift = png.depth === 16 ? 8 : 0;
  for (let p = 0, o = 0; p < width * height; p++, o += 3) {
    const at = p * channels;
    if (palette) {
      const color = palette[values[at]!];
      if (!color) throw unreadableImage(file, `palette entry ${values[at]} is used but not defined`);
      for (let c = 0; c < 3; c++) data[o + c] = color[c]!;
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
  const png = decodeChecked(bytes, file);
  if (png.channels !== 1)
    throw new DistillError('dataset-label', `The label map has ${png.channels} channels (colours).`, {
      where: file,
      remedy: 'Store class ids as an 8-bit grey or palette PNG with one value per pixel.',
    });
  return { width: png.width, height: png.height, data: unpackRows(png) };
}

/** Checks the header before memory is asked for, then decodes with checksums: a damaged file never gives silent zeros. */
function decodeChecked(bytes: Uint8Array, file: string): DecodedPng {
  if (bytes.length < 33) throw unreadableImage(file, `only ${bytes.length} bytes long`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth, interlace] = [
    header.getUint32(16),
    header.getUint32(20),
    header.getUint8(24),
    header.getUint8(28),
  ];
  refuseHugeImage(file, width, height);
  if (interlace !== 0 && depth < 8)
    throw unreadableImage(file, `an interlaced PNG of ${depth} bit per pixel, which is not supported`);
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw unreadableImage(file, 'the PNG data ends early or is damaged', error);
  }
  return png;
}

/** Rows of less than 8 bit per value come packed, each row starting at a byte. */
function unpackRows(png: DecodedPng): Uint8Array | Uint16Array {
  const { width, height, channels, depth, data } = png;
  if (depth === 16) return data as Uint16Array;
  if (depth === 8) return data as Uint8Array;
  const perRow = width * channels;
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  const mask = 2 ** depth - 1;
  const out = new Uint8Array(perRow * height);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < perRow; i++) {
      const bit = i * depth;
      const byte = data[y * bytesPerRow + (bit >> 3)]!;
      out[y * perRow + i] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  return out;
}
