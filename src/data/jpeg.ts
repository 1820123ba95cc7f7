import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import loadTurboJpeg from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import { decode } from 'jpeg-js';
import type { RgbImage } from './dataset';
import { refuseHugeImage, unreadableImage } from './unreadable';

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Decodes a JPEG to RGB as stored (EXIF orientation is not applied). libjpeg-turbo gives the very pixels of OpenCV and
 * Pillow; CMYK, which it leaves to its caller, goes through jpeg-js. Errors: image-unreadable (truncated, damaged, larger
 * than 100 megapixels).
 */
export async function readRgbJpeg(bytes: Uint8Array, file: string): Promise<RgbImage> {
  // Decoders fill what is missing with grey; the end marker tells whether something is missing.
  if (!endsWithMarker(bytes)) throw unreadableImage(file, 'the JPEG data ends early');
  const frame = jpegSize(bytes);
  if (!frame) throw unreadableImage(file, 'the JPEG data has no frame header');
  refuseHugeImage(file, frame.width, frame.height);
  try {
    return frame.components === 4 ? decodeCmyk(bytes) : await decodeTurbo(bytes, frame.components);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the decoder gave up';
    throw unreadableImage(file, `the JPEG data is damaged (${reason})`, error);
  }
}

async function decodeTurbo(bytes: Uint8Array, components: number): Promise<RgbImage> {
  const { JPEGDecoder } = await turbo();
  // A decoder keeps the memory of its largest image: one per image keeps the heap at one image.
  const decoder = new JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { width, height } = decoder.getFrameInfo();
    const pixels = decoder.getDecodedBuffer();
    const data = new Uint8Array(width * height * 3);
    if (components === 3) data.set(pixels);
    else for (let p = 0; p < width * height; p++) data.fill(pixels[p]!, p * 3, p * 3 + 3);
    return { width, height, data };
  } finally {
    decoder.delete();
  }
}

function decodeCmyk(bytes: Uint8Array): RgbImage {
  const options = { useTArray: true, formatAsRGBA: false, tolerantDecoding: false } as const;
  const { width, height, data } = decode(bytes, {
    ...options,
    maxResolutionInMP: 100,
    maxMemoryUsageInMB: 2048,
  });
  return { width, height, data };
}

let loading: ReturnType<typeof loadTurboJpeg> | undefined;

function turbo(): ReturnType<typeof loadTurboJpeg> {
  loading ??= readFile(wasmFile()).then((wasmBinary) => loadTurboJpeg({ wasmBinary }));
  return loading;
}

/** Beside the bundle; in the package when run from source. */
function wasmFile(): string {
  const bundled = join(__dirname, 'libjpegturbo.wasm');
  // A name the bundler does not follow: where there is a bundle it is not asked for.
  const inPackage = '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm';
  return existsSync(bundled) ? bundled : require.resolve(inPackage);
}

/**
 * The start-of-frame segment (ITU-T T.81, B.2.2): what the picture claims to be, before memory is asked for. Undefined if
 * the bytes end before it.
 */
export function jpegSize(
  bytes: Uint8Array,
): { width: number; height: number; components: number } | undefined {
  for (const { marker, data } of segments(bytes)) {
    const startOfFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (startOfFrame && data.byteLength >= 6)
      return { height: data.getUint16(1), width: data.getUint16(3), components: data.getUint8(5) };
  }
  return undefined;
}

/** Marker segments up to the picture data. */
export function* segments(bytes: Uint8Array): Generator<{ marker: number; data: DataView }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (marker === 0xda || length < 2 || at + 2 + length > bytes.length) return;
    yield { marker, data: new DataView(bytes.buffer, bytes.byteOffset + at + 4, length - 2) };
    at += 2 + length;
  }
}

/** End-of-image marker FF D9, possibly followed by padding that cameras and tools append. */
function endsWithMarker(bytes: Uint8Array): boolean {
  for (let i = bytes.length - 2; i >= 2; i--) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true;
  return false;
}
