import type { PixelStyle } from '../protocol/config-augment';
import type { RgbImage } from './dataset';

/** Mean per channel in grey levels, B G R (CIRKD: the Caffe ImageNet mean, no standard deviation). */
export const MEAN_BGR = [104.00698793, 116.66876762, 122.67891434] as const;
/** Mean and standard deviation per channel in grey levels, R G B (mmsegmentation, torchvision). */
export const MEAN_RGB = [123.675, 116.28, 103.53] as const;
export const STD_RGB = [58.395, 57.12, 57.375] as const;

/** The number of every byte, and which byte of an RGB pixel each output channel is made of. */
export interface PixelTables {
  first: Float32Array;
  second: Float32Array;
  third: Float32Array;
  /** Byte of the first channel: 0 red, 2 blue; that of the third is the other one. */
  firstByte: 0 | 2;
}

const TABLES: Record<PixelStyle, PixelTables> = {
  // CIRKD subtracts a float64 mean in place from float32 pixels: one rounding, at the end.
  caffe: tables(2, (v, c) => v - MEAN_BGR[c]!),
  // mmsegmentation computes with float32 tensors: every step is rounded.
  imagenet: tables(0, (v, c) => Math.fround(v - Math.fround(MEAN_RGB[c]!)) / Math.fround(STD_RGB[c]!)),
};

function tables(firstByte: 0 | 2, of: (value: number, channel: number) => number): PixelTables {
  const [first, second, third] = [0, 1, 2].map((c) => Float32Array.from({ length: 256 }, (_, v) => of(v, c)));
  return { first: first!, second: second!, third: third!, firstByte };
}

export function pixelTables(pixels: PixelStyle): PixelTables {
  return TABLES[pixels];
}

/** Image as the networks see it: float32 [height,width,3], B G R for `caffe`, R G B for `imagenet`. */
export function normalise({ data }: RgbImage, pixels: PixelStyle = 'caffe'): Float32Array {
  const { first, second, third, firstByte } = TABLES[pixels];
  const lastByte = 2 - firstByte;
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i += 3) {
    out[i] = first[data[i + firstByte]!]!;
    out[i + 1] = second[data[i + 1]!]!;
    out[i + 2] = third[data[i + lastByte]!]!;
  }
  return out;
}
