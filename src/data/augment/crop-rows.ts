import type { RgbImage } from '../dataset';
import { type ImageKernels, openImageKernels, reserve, SLACK } from '../image-kernels';
import type { PixelTables } from '../normalise';
import { type ColourDraw, type ColourStep, colourSteps } from './colour';
import { type Axis, roundHalfEven } from './resize';

/** Bytes at the beginning of the memory: the numbers of bytes, then a table for each of four colour steps. */
const NUMBERS = 3 * 256 * Float32Array.BYTES_PER_ELEMENT;
const TABLE = 256;
const FIRST_ROW = NUMBERS + 4 * TABLE;

/**
 * OpenCV's vector code truncates on the way back from HSV where the code for the rest of a row rounds; with AVX2 it takes
 * this many pixels at a time.
 */
const HSV_BLOCK = 32;

/** Places in the memory, in bytes, and what is in them. */
interface Rows {
  image: RgbImage;
  rows: Axis;
  columns: Axis;
  steps: ColourStep[];
  /** First column of the image that is looked at, and how many bytes of a row from there on. */
  begin: number;
  span: number;
  offsets: number;
  weights: number;
  /** Two rows of the image, resized along themselves, and which ones they are. */
  upper: number;
  lower: number;
  upperRow: number;
  lowerRow: number;
  bytes: number;
  floats: number;
  source: number;
}

/**
 * Rows of a crop, from the bytes of an image to the numbers of a batch: resized as OpenCV does (cv2.resize, INTER_LINEAR,
 * 8 bit), distorted, normalised. Only what the crop shows is computed.
 */
export class CropRows {
  readonly #kernels: ImageKernels;
  readonly #firstByte: number;
  #now: Rows | undefined;

  constructor({ first, second, third, firstByte }: PixelTables) {
    this.#kernels = openImageKernels();
    this.#firstByte = firstByte;
    reserve(this.#kernels.memory, FIRST_ROW);
    const numbers = new Float32Array(this.#kernels.memory.buffer, 0, 3 * 256);
    for (const [i, table] of [first, second, third].entries()) numbers.set(table, 256 * i);
  }

  /** Turns to another crop. */
  begin(image: RgbImage, rows: Axis, columns: Axis, colour: ColourDraw | null): void {
    const { length, first, second } = columns;
    const begin = Math.min(first[0]!, first[length - 1]!);
    const span = 3 * (Math.max(second[0]!, second[length - 1]!) - begin + 1);
    const steps = colour ? colourSteps(colour) : [];
    let end = FIRST_ROW;
    const place = (bytes: number) => {
      const at = end;
      end += Math.ceil((bytes + SLACK) / 16) * 16;
      return at;
    };
    const [offsets, weights] = [place(8 * length), place(4 * length)];
    const [upper, lower] = [place(6 * length), place(6 * length)];
    const [bytes, floats, source] = [place(3 * length), place(12 * length), place(span)];
    this.#now = {
      ...{ image, rows, columns, steps, begin, span, offsets, weights, upper, lower, bytes, floats, source },
      ...{ upperRow: -1, lowerRow: -1 },
    };
    const { memory } = this.#kernels;
    reserve(memory, end);
    const offsetOf = new Int32Array(memory.buffer, offsets, 2 * length);
    const weightOf = new Int16Array(memory.buffer, weights, 2 * length);
    for (let x = 0; x < length; x++) {
      offsetOf[2 * x] = 3 * (first[x]! - begin);
      offsetOf[2 * x + 1] = 3 * (second[x]! - begin);
      weightOf[2 * x] = columns.firstWeight[x]!;
      weightOf[2 * x + 1] = columns.secondWeight[x]!;
    }
    for (const [i, step] of steps.entries())
      if (step.kind === 'bytes') new Uint8Array(memory.buffer).set(step.table, NUMBERS + i * TABLE);
  }

  /** Writes row y of the crop to the pixels of `out` from `at` on. */
  write(y: number, out: Float32Array, at: number): void {
    const now = this.#now!;
    const { blendRow, normaliseRow, memory } = this.#kernels;
    const { rows, columns, bytes, floats } = now;
    const [first, second] = [rows.first[y]!, rows.second[y]!];
    // Mostly one of the two rows, or both, were needed for the row before.
    if (first === now.lowerRow) {
      [now.upper, now.lower] = [now.lower, now.upper];
      [now.upperRow, now.lowerRow] = [now.lowerRow, now.upperRow];
    }
    if (first !== now.upperRow) this.#resize(now, first, now.upper);
    now.upperRow = first;
    if (second !== first && second !== now.lowerRow) {
      this.#resize(now, second, now.lower);
      now.lowerRow = second;
    }
    const below = second === first ? now.upper : now.lower;
    blendRow(now.upper, below, rows.firstWeight[y]!, rows.secondWeight[y]!, bytes, 3 * columns.length);
    if (rows.halves && columns.halves) this.#averageEdges(now, y);
    this.#distort(now);
    normaliseRow(bytes, columns.length, 0, this.#firstByte, floats);
    out.set(new Float32Array(memory.buffer, floats, 3 * columns.length), 3 * at);
  }

  #resize({ image, begin, span, offsets, weights, source, columns }: Rows, row: number, to: number): void {
    const { memory, resizeRow } = this.#kernels;
    const from = 3 * (row * image.width + begin);
    new Uint8Array(memory.buffer).set(image.data.subarray(from, from + span), source);
    resizeRow(source, offsets, weights, to, columns.length);
  }

  /**
   * Where both axes are halved OpenCV averages areas. That is the same but for the last row and column of odd sizes, of
   * which only a part lies in the image: the mean of that part, halves rounded to even.
   */
  #averageEdges({ image: { data, width }, rows, columns, bytes }: Rows, y: number): void {
    const out = new Uint8Array(this.#kernels.memory.buffer, bytes, 3 * columns.length);
    const oddRow = y === rows.odd;
    const average = (x: number) => {
      const oddColumn = x === columns.odd;
      for (let c = 0; c < 3; c++) {
        const at = (dy: number, dx: number) =>
          data[((rows.nearest[y]! + dy) * width + columns.nearest[x]! + dx) * 3 + c]!;
        const sum = at(0, 0) + (oddRow ? 0 : at(1, 0)) + (oddColumn ? 0 : at(0, 1));
        out[3 * x + c] = roundHalfEven(sum / (oddRow && oddColumn ? 1 : 2));
      }
    };
    if (oddRow) for (let x = 0; x < columns.length; x++) average(x);
    else if (columns.odd >= 0) average(columns.odd);
  }

  #distort({ steps, bytes, columns: { length } }: Rows): void {
    const { mapBytes, mapHsv } = this.#kernels;
    const block = length - (length % HSV_BLOCK);
    for (const [i, step] of steps.entries())
      if (step.kind === 'bytes') mapBytes(bytes, 3 * length, NUMBERS + i * TABLE);
      else {
        mapHsv(bytes, block, step.hue, step.saturation, false);
        mapHsv(bytes + 3 * block, length - block, step.hue, step.saturation, true);
      }
  }
}
