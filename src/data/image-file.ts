import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { RgbImage } from './dataset';
import { isJpeg, readRgbJpeg } from './jpeg';
import { readMatLabel } from './mat';
import { jpegOrientation, type Orientation } from './orientation';
import { type IndexImage, readIndexPng, readRgbPng, readRgbPngRows } from './png';
import { isPng } from './png-decode';
import { unreadableImage } from './unreadable';

/** Extensions of images, in lower case; what a file really is, its first bytes tell. */
export const IMAGE_EXTENSIONS = ['.png', '.jpg', '.jpeg'] as const;

/** An image as stored, and how a camera wants it turned. */
export interface ImageFile {
  image: RgbImage;
  orientation: Orientation;
}

/**
 * Reads a PNG or JPEG image. Errors: image-unreadable.
 * @param rows how many are needed, from the top: what is below them may be missing in the image's data
 */
export async function readImageFile(file: string, rows?: number): Promise<ImageFile> {
  const bytes = await readBytes(file);
  if (isPng(bytes)) {
    const image = rows === undefined ? readRgbPng(bytes, file) : await readRgbPngRows(bytes, file, rows);
    return { image, orientation: 1 };
  }
  if (isJpeg(bytes)) return { image: await readRgbJpeg(bytes, file), orientation: jpegOrientation(bytes) };
  throw unreadableImage(file, 'it is neither PNG nor JPEG');
}

/** Reads a label map as raw ids. Errors: image-unreadable, dataset-label. */
export async function readLabelFile(file: string): Promise<IndexImage> {
  const bytes = await readBytes(file);
  if (isPng(bytes)) return readIndexPng(bytes, file);
  if (extname(file).toLowerCase() === '.mat') return readMatLabel(bytes, file);
  throw unreadableImage(file, 'label maps must be PNG files (JPEG changes class ids)');
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw unreadableImage(
      file,
      code === 'ENOENT' ? 'the file does not exist' : `the system says ${code}`,
      error,
    );
  }
}
