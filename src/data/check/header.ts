import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isJpeg, jpegSize } from '../jpeg';
import { jpegOrientation } from '../orientation';
import { isPng, pngHeader } from '../png-decode';

/** What the first bytes of a picture claim, as it is meant to be seen. */
export interface PictureHeader {
  width: number;
  height: number;
  /** Sides as stored, where a camera wants the picture turned by a quarter. */
  stored?: { width: number; height: number };
  /** One value per pixel: what a label map must be. */
  oneChannel: boolean;
}

/** Where most JPEGs have said their size; embedded previews of cameras can take more. */
const ENOUGH = 64 * 1024;
/** The last chunk of a PNG, which is always the same. */
const IEND = Buffer.from('0000000049454e44ae426082', 'hex');

/**
 * The header of a PNG or JPEG file, if its end looks whole as well. Undefined: only decoding can tell what it is (cut off,
 * another format, an unusual file). Reads two small pieces of the file. Errors: those of the file system.
 */
export function readHeader(file: string): PictureHeader | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const head = piece(descriptor, 0, Math.min(size, ENOUGH));
    const tail = piece(descriptor, Math.max(0, size - IEND.length), Math.min(size, IEND.length));
    if (isPng(head)) {
      const header = tail.equals(IEND) ? pngHeader(head) : undefined;
      return header && { width: header.width, height: header.height, oneChannel: header.channels === 1 };
    }
    const ended = tail.at(-2) === 0xff && tail.at(-1) === 0xd9;
    const stored = isJpeg(head) && ended ? jpegSize(head) : undefined;
    if (!stored) return undefined;
    const { width, height } = stored;
    return jpegOrientation(head) >= 5
      ? { width: height, height: width, stored: { width, height }, oneChannel: false }
      : { width, height, oneChannel: false };
  } finally {
    closeSync(descriptor);
  }
}

function piece(descriptor: number, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, from));
}
