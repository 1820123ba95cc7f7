import type { RandomStream } from '../engine/random';
import type { AugmentOptions, RgbImage, Sample } from './dataset';

/** Mean per channel in grey levels, B G R (CIRKD: the Caffe ImageNet mean, no standard deviation). */
export const MEAN_BGR = [104.00698793, 116.66876762, 122.67891434] as const;

/** Normalised value of every byte, per channel in B G R order. */
const NORMALISED = MEAN_BGR.map((mean) => Float32Array.from({ length: 256 }, (_, v) => v - mean));

/** Number of scales: 0.5, 0.6, ..., 2.0 (CIRKD; golden case D3). */
export const SCALES = 16;

export function scaleFactor(draw: number): number {
  return 0.5 + draw / 10;
}

/** Image as the networks see it: float32 [height,width,3], B G R, mean subtracted. */
export function normalise(image: RgbImage): Float32Array {
  const out = new Float32Array(image.data.length);
  const [b, g, r] = NORMALISED as [Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < out.length; i += 3) {
    out[i] = b[image.data[i + 2]!]!;
    out[i + 1] = g[image.data[i + 1]!]!;
    out[i + 2] = r[image.data[i]!]!;
  }
  return out;
}

/** Where an augmented crop comes from. Offsets are in the scaled (and padded) image. */
export interface AugmentDraw {
  scale: number;
  top: number;
  left: number;
  flip: boolean;
}

/** Draws in CIRKD's order: scale, row offset, column offset, flip. What is switched off draws nothing. */
export function drawAugment(
  image: { width: number; height: number },
  options: AugmentOptions,
  random: RandomStream,
): AugmentDraw {
  const scale = options.scale ? scaleFactor(random.int(SCALES)) : 1;
  const [cropHeight, cropWidth] = options.crop;
  const top = random.int(Math.max(roundHalfEven(image.height * scale), cropHeight) - cropHeight + 1);
  const left = random.int(Math.max(roundHalfEven(image.width * scale), cropWidth) - cropWidth + 1);
  return { scale, top, left, flip: options.flip && random.uniform() < 0.5 };
}

/**
 * CIRKD's augmentation (`dataset/*.py`, class *DataSet): scale (image bilinear, label nearest, both as OpenCV), pad
 * bottom and right (image 0 after mean subtraction, label ignore), crop, flip; only the pixels of the crop are computed.
 * Writes the crop at `images` [height,width,3] and `labels` [height,width] (-1 = ignore).
 */
export function augmentInto(
  sample: Sample,
  draw: AugmentDraw,
  crop: readonly [number, number],
  images: Float32Array,
  labels: Int32Array,
): void {
  const { image, label } = sample;
  const [height, width] = crop;
  const columns = tapsOf(image.width, draw.scale, draw.left, width, draw.flip);
  const rows = tapsOf(image.height, draw.scale, draw.top, height, false);
  const [blue, green, red] = NORMALISED as [Float32Array, Float32Array, Float32Array];
  const data = image.data;
  const stride = image.width * 3;
  for (let y = 0; y < height; y++) {
    const row = rows[y];
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const o = p * 3;
      const column = columns[x];
      if (!row || !column) {
        images[o] = images[o + 1] = images[o + 2] = 0;
        labels[p] = -1;
        continue;
      }
      labels[p] = label.data[row.nearest * image.width + column.nearest]!;
      const a = row.first * stride + column.first * 3;
      const b = row.first * stride + column.second * 3;
      const c = row.second * stride + column.first * 3;
      const d = row.second * stride + column.second * 3;
      images[o] = blue[mix(data[a + 2]!, data[b + 2]!, data[c + 2]!, data[d + 2]!, row, column)]!;
      images[o + 1] = green[mix(data[a + 1]!, data[b + 1]!, data[c + 1]!, data[d + 1]!, row, column)]!;
      images[o + 2] = red[mix(data[a]!, data[b]!, data[c]!, data[d]!, row, column)]!;
    }
  }
}

/** Source positions of one output row or column; the weights are in 1/2048. */
interface Tap {
  first: number;
  second: number;
  firstWeight: number;
  secondWeight: number;
  nearest: number;
}

/**
 * OpenCV's resize geometry along one axis (modules/imgproc/src/resize.cpp): pixel centres at +0.5, edge pixels repeated,
 * fixed-point weights of 11 bit; nearest is floor(x / scale) without the half pixel. Beyond the scaled image: padding.
 */
function tapsOf(
  length: number,
  scale: number,
  offset: number,
  count: number,
  flip: boolean,
): (Tap | undefined)[] {
  const scaled = roundHalfEven(length * scale);
  const inverse = 1 / scale;
  return Array.from({ length: count }, (_, i) => {
    const at = offset + (flip ? count - 1 - i : i);
    if (at >= scaled) return undefined;
    const position = Math.fround((at + 0.5) * inverse - 0.5);
    const floor = Math.floor(position);
    const fraction = Math.fround(position - floor);
    const clamp = (v: number) => Math.min(Math.max(v, 0), length - 1);
    return {
      first: clamp(floor),
      second: clamp(floor + 1),
      firstWeight: roundHalfEven(Math.fround(1 - fraction) * 2048),
      secondWeight: roundHalfEven(fraction * 2048),
      nearest: clamp(Math.floor(at * inverse)),
    };
  });
}

/** Bilinear mean of four bytes in OpenCV's integer arithmetic for 8-bit images. */
function mix(a: number, b: number, c: number, d: number, row: Tap, column: Tap): number {
  const upper = a * column.firstWeight + b * column.secondWeight;
  const lower = c * column.firstWeight + d * column.secondWeight;
  return (((row.firstWeight * (upper >> 4)) >> 16) + ((row.secondWeight * (lower >> 4)) >> 16) + 2) >> 2;
}

/** Rounds halves to even, as OpenCV's cvRound does. */
function roundHalfEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  if (rest !== 0.5) return Math.round(v);
  return floor % 2 === 0 ? floor : floor + 1;
}
