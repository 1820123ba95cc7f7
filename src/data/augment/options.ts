import { type AugmentConfig, type PixelStyle, pixelsOf } from '../../protocol/config-augment';

/** What a user may set of an augmentation, and the size of the crop. */
export type AugmentOptions = Partial<AugmentConfig> & { crop: [number, number] };

/** An augmentation with nothing left open. */
export interface Augmentation {
  /** Height and width. */
  crop: readonly [number, number];
  /** Null: images keep their size. */
  scale: {
    ratios: 'tenths' | 'uniform';
    range: readonly [number, number];
    /** Width and height that scale 1 fits images into; null: those of the image. */
    base: readonly [number, number] | null;
  } | null;
  /** How the scaled size is rounded, and whether padding comes before the flip or at the end. */
  style: 'cirkd' | 'mmseg';
  catMaxRatio: number;
  flip: boolean;
  photometric: boolean;
  pixels: PixelStyle;
  padValue: number;
}

/** Base sizes of mmsegmentation's configurations (configs/_base_/datasets), by kind of dataset. */
const BASE_SIZES: Record<string, readonly [number, number]> = {
  cityscapes: [2048, 1024],
  voc: [2048, 512],
  ade20k: [2048, 512],
  'coco-stuff-10k': [2048, 512],
  'coco-stuff-164k': [2048, 512],
};

/**
 * Fills in what is not set from the style: CIRKD's augmentation of `dataset/*.py` (class *DataSet), or mmsegmentation's
 * `configs/_base_/datasets` and `PhotoMetricDistortion`.
 * @param dataset kind of the dataset
 */
export function resolveAugment(options: AugmentOptions, dataset: string): Augmentation {
  const style = options.style ?? 'cirkd';
  const mmseg = style === 'mmseg';
  const base = options.baseSize ?? (mmseg ? BASE_SIZES[dataset] : undefined) ?? 'image';
  return {
    crop: options.crop,
    scale:
      (options.scale ?? true)
        ? {
            ratios: options.ratios ?? (mmseg ? 'uniform' : 'tenths'),
            range: options.ratioRange ?? [0.5, 2],
            base: base === 'image' ? null : base,
          }
        : null,
    style,
    catMaxRatio: options.catMaxRatio ?? (mmseg ? 0.75 : 1),
    flip: options.flip ?? true,
    photometric: options.photometric ?? mmseg,
    pixels: pixelsOf(options),
    padValue: options.padValue ?? 0,
  };
}
