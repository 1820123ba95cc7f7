import { DistillError } from '../protocol/errors';
import type { LabelMap, RgbImage } from './dataset';
import { type DatasetLayout, UNKNOWN } from './datasets/layout';
import type { ImageFile } from './image-file';
import { upright } from './orientation';
import type { IndexImage } from './png';

interface Size {
  width: number;
  height: number;
}

const sameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height;

/**
 * Turned as the camera says (OpenCV, and so CIRKD and mmsegmentation, do the same), unless the label map was evidently
 * drawn on the picture as stored.
 */
export function asLabelled({ image, orientation }: ImageFile, label: Size): RgbImage {
  const turned = upright(image, orientation);
  return !sameSize(turned, label) && sameSize(image, label) ? image : turned;
}

/** What is wrong with an image, as it is shown, and a label map of these sizes; undefined if they fit. */
export function sizeProblem(image: Size, label: Size, labelFile: string): DistillError | undefined {
  if (sameSize(image, label)) return undefined;
  return new DistillError(
    'dataset-size',
    `The label map has ${label.width} x ${label.height} pixels, its image ${image.width} x ${image.height}.`,
    {
      where: labelFile,
      remedy: 'Make both the same size (nearest neighbour for labels), or set dataset.onProblem to "skip".',
    },
  );
}

/** Raw label values as class ids. Errors: dataset-label, for the first value that the dataset does not know. */
export function toClassIds(
  raw: IndexImage,
  file: string,
  { classes, labels }: Pick<DatasetLayout, 'classes' | 'labels'>,
): LabelMap {
  const { width, height, data } = raw;
  const { ids, help } = labels;
  // Every value a label file can have: maps have millions of pixels.
  const table = new Int16Array(data instanceof Uint8Array ? 256 : 65536).fill(UNKNOWN);
  table.set(ids.subarray(0, table.length));
  const out = classes.length <= 128 ? new Int8Array(data.length) : new Int16Array(data.length);
  let least = 0;
  for (let i = 0; i < data.length; i++) {
    const id = table[data[i]!]!;
    out[i] = id;
    if (id < least) least = id;
  }
  if (least === UNKNOWN) {
    const i = out.indexOf(UNKNOWN);
    throw new DistillError(
      'dataset-label',
      `Class id ${data[i]} at pixel x=${i % width}, y=${Math.floor(i / width)} is out of range.`,
      { where: file, remedy: `${help}; or set dataset.onProblem to "skip".` },
    );
  }
  return { width, height, data: out };
}
