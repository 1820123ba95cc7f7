import type { Sample } from '../dataset';
import { pixelTables } from '../normalise';
import { CropRows } from './crop-rows';
import { type AugmentDraw, columnsOf, rowsOf } from './draw';
import type { Augmentation } from './options';

/** How many rows of the image, from the top, a draw looks at. */
export function rowsNeeded(image: { height: number }, draw: AugmentDraw, { crop }: Augmentation): number {
  const { second } = rowsOf(image, draw.scaled, draw.top, crop[0]);
  return second[second.length - 1]! + 1;
}

/**
 * Makes crops with given draws. CIRKD (`dataset/*.py`, class *DataSet): scale, pad at the bottom and right, crop, flip,
 * subtract the mean. mmsegmentation: scale, crop, flip, distort colours, normalise, pad at the bottom and right. Images are
 * scaled bilinearly, labels by the nearest pixel, both as OpenCV; padding is `padValue` after normalisation, ignored in
 * the label. Only the pixels of the crop are computed.
 */
export class CropMaker {
  readonly #options: Augmentation;
  readonly #rows: CropRows;

  constructor(options: Augmentation) {
    this.#options = options;
    this.#rows = new CropRows(pixelTables(options.pixels));
  }

  /** Writes the crop at `images` [height,width,3] and `labels` [height,width] (-1 = ignore). */
  make({ image, label }: Sample, draw: AugmentDraw, images: Float32Array, labels: Int32Array): void {
    const { crop, style, padValue } = this.#options;
    const [height, width] = crop;
    const rows = rowsOf(image, draw.scaled, draw.top, height);
    const columns = columnsOf(image, draw.scaled, draw.left, width, draw.flip);
    // CIRKD flips what was padded.
    const begin = draw.flip && style === 'cirkd' ? width - columns.length : 0;
    const end = begin + columns.length;
    this.#rows.begin(image, rows, columns, draw.colour);
    for (let y = 0; y < rows.length; y++) {
      const row = y * width;
      pad(images, labels, row, row + begin, padValue);
      this.#rows.write(y, images, row + begin);
      const source = rows.nearest[y]! * label.width;
      for (let x = 0; x < columns.length; x++)
        labels[row + begin + x] = label.data[source + columns.nearest[x]!]!;
      pad(images, labels, row + end, row + width, padValue);
    }
    pad(images, labels, rows.length * width, height * width, padValue);
  }
}

function pad(images: Float32Array, labels: Int32Array, from: number, to: number, value: number): void {
  if (from === to) return;
  images.fill(value, 3 * from, 3 * to);
  labels.fill(-1, from, to);
}
