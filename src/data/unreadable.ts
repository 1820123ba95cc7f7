import { DistillError } from '../protocol/errors';

/** 100 megapixels: far above any dataset, far below what a forged header can ask for. */
const MAX_PIXELS = 100e6;

export function unreadableImage(file: string, reason: string, cause?: unknown): DistillError {
  return new DistillError('image-unreadable', `The image cannot be read: ${reason}.`, {
    where: file,
    remedy: 'Copy the file again from its source, or set dataset.onProblem to "skip" to leave it out.',
    cause,
  });
}

export function refuseHugeImage(file: string, width: number, height: number): void {
  if (width === 0 || height === 0 || width * height > MAX_PIXELS)
    throw unreadableImage(file, `its header claims ${width} x ${height} pixels`);
}
