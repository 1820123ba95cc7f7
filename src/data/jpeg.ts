import { decode } from 'jpeg-js';
import type { RgbImage } from './dataset';
import { unreadableImage } from './unreadable';

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Decodes a JPEG to RGB. Errors: image-unreadable (truncated, damaged, larger than 100 megapixels). */
export function readRgbJpeg(bytes: Uint8Array, file: string): RgbImage {
  // The decoder fills what is missing with grey; the end marker tells whether something is missing.
  if (!endsWithMarker(bytes)) throw unreadableImage(file, 'the JPEG data ends early');
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: 100,
      maxMemoryUsageInMB: 2048,
    });
    return { width, height, data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadableImage(file, `the JPEG data is damaged (${reason})`, error);
  }
}

/** End-of-image marker FF D9, possibly followed by padding that cameras and tools append. */
function endsWithMarker(bytes: Uint8Array): boolean {
  for (let i = bytes.length - 2; i >= 2; i--) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true;
  return false;
}
