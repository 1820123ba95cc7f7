import type { RandomStream } from '../../engine/random';
import type { LabelMap } from '../dataset';
import { type ColourDraw, drawColour } from './colour';
import { dominance } from './dominance';
import type { Augmentation } from './options';
import { axisOf, roundHalfEven } from './resize';

/** What an augmentation draws from. */
export type Draws = Pick<RandomStream, 'int' | 'uniform'>;

/** Where an augmented crop comes from. */
export interface AugmentDraw {
  scaled: ScaledSize;
  /** First row and column of the crop in the scaled image, padded where it is smaller than the crop. */
  top: number;
  left: number;
  flip: boolean;
  colour: ColourDraw | null;
}

/** Size of the scaled image, and how far its pixels are apart in the image. */
export interface ScaledSize {
  height: number;
  width: number;
  stepY: number;
  stepX: number;
}

/** A crop whose class is too dominant is drawn again this often (mmsegmentation, RandomCrop). */
const TRIES = 10;

/**
 * Draws in the order of CIRKD and mmsegmentation alike: scale, row and column offset, flip, colours. What is switched
 * off draws nothing.
 * @param label of the image, which tells its size, and the classes where `catMaxRatio` asks for them
 */
export function drawAugment(label: LabelMap, options: Augmentation, random: Draws): AugmentDraw {
  const scaled = drawSize(label, options, random);
  const [cropHeight, cropWidth] = options.crop;
  const offset = () => ({
    top: random.int(Math.max(scaled.height - cropHeight, 0) + 1),
    left: random.int(Math.max(scaled.width - cropWidth, 0) + 1),
  });
  let at = offset();
  if (options.catMaxRatio < 1)
    for (let tries = 0; tries < TRIES; tries++) {
      const { classes, largest } = dominance(
        label,
        rowsOf(label, scaled, at.top, cropHeight),
        columnsOf(label, scaled, at.left, cropWidth),
      );
      if (classes > 1 && largest < options.catMaxRatio) break;
      at = offset();
    }
  const flip = options.flip && random.uniform() < 0.5;
  return { scaled, ...at, flip, colour: options.photometric ? drawColour(random) : null };
}

function drawSize(
  image: { width: number; height: number },
  options: Augmentation,
  random: Draws,
): ScaledSize {
  const { scale, style } = options;
  if (!scale) return { height: image.height, width: image.width, stepY: 1, stepX: 1 };
  const [least, most] = scale.range;
  const ratio =
    scale.ratios === 'tenths'
      ? least + random.int(Math.floor((most - least) * 10 + 1e-9) + 1) / 10
      : random.uniform() * (most - least) + least;
  return style === 'cirkd' ? cirkdSize(image, ratio, scale.base) : mmsegSize(image, ratio, scale.base);
}

/** CIRKD hands the factor to OpenCV, which rounds halves of the size to even and keeps the factor for the positions. */
export function cirkdSize(
  image: { width: number; height: number },
  ratio: number,
  base: readonly [number, number] | null,
): ScaledSize {
  const factor = base ? ratio * fitting(image, base) : ratio;
  const at = (length: number) => Math.max(1, roundHalfEven(length * factor));
  return { height: at(image.height), width: at(image.width), stepY: 1 / factor, stepX: 1 / factor };
}

/**
 * mmsegmentation multiplies and truncates the base size, fits the image into it and rounds halves up; OpenCV derives the
 * positions from the sizes, which differ a little between rows and columns.
 */
export function mmsegSize(
  image: { width: number; height: number },
  ratio: number,
  base: readonly [number, number] | null,
): ScaledSize {
  const [w, h] = base ?? [image.width, image.height];
  const factor = fitting(image, [Math.trunc(w * ratio), Math.trunc(h * ratio)]);
  const at = (length: number) => Math.max(1, Math.trunc(length * factor + 0.5));
  const [height, width] = [at(image.height), at(image.width)];
  return { height, width, stepY: 1 / (height / image.height), stepX: 1 / (width / image.width) };
}

/** Factor by which an image fits into a size, whichever way round that is (mmcv, rescale_size). */
function fitting(
  { width, height }: { width: number; height: number },
  size: readonly [number, number],
): number {
  return Math.min(Math.max(...size) / Math.max(height, width), Math.min(...size) / Math.min(height, width));
}

/** Source rows of a crop: as many as there are of the scaled image. */
export function rowsOf(image: { height: number }, { height, stepY }: ScaledSize, top: number, crop: number) {
  return axisOf(image.height, stepY, top, Math.min(crop, height - top), false);
}

export function columnsOf(
  image: { width: number },
  { width, stepX }: ScaledSize,
  left: number,
  crop: number,
  flip = false,
) {
  return axisOf(image.width, stepX, left, Math.min(crop, width - left), flip);
}
