import { inflateSync } from 'node:zlib';
import { DistillError } from '../protocol/errors';
import type { IndexImage } from './png';
import { refuseHugeImage, unreadableImage } from './unreadable';

/** Far above the label map of any dataset, far below what a forged file can inflate to. */
const MAX_INFLATED = 256 * 2 ** 20;
const HEADER = 128;
const MI_MATRIX = 14;
const MI_COMPRESSED = 15;

/** Readers of the numeric element types that a label map can be stored in, by miTYPE. */
const NUMBERS: Record<number, { bytes: number; read(v: DataView, at: number, le: boolean): number }> = {
  1: { bytes: 1, read: (v, at) => v.getInt8(at) },
  2: { bytes: 1, read: (v, at) => v.getUint8(at) },
  3: { bytes: 2, read: (v, at, le) => v.getInt16(at, le) },
  4: { bytes: 2, read: (v, at, le) => v.getUint16(at, le) },
  5: { bytes: 4, read: (v, at, le) => v.getInt32(at, le) },
  6: { bytes: 4, read: (v, at, le) => v.getUint32(at, le) },
  7: { bytes: 4, read: (v, at, le) => v.getFloat32(at, le) },
  9: { bytes: 8, read: (v, at, le) => v.getFloat64(at, le) },
};

/**
 * The matrix `name` of a MATLAB level 5 file ("MAT-File Format", chapter 1), compressed or not, as row-major raw ids. Our
 * own reader because the one on npm that handles compression is under the GPL.
 * Errors: image-unreadable (no such matrix, damaged), dataset-label (a value that is no id from 0 to 65535).
 */
export function readMatLabel(bytes: Uint8Array, file: string, name = 'S'): IndexImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || !['IM', 'MI'].includes(ascii(bytes, 126, 2)))
    throw unreadableImage(file, 'it is not a MATLAB level 5 file (files of version 7.3 are not supported)');
  const littleEndian = ascii(bytes, 126, 2) === 'IM';
  try {
    for (const element of elements(view, HEADER, littleEndian, false)) {
      const matrix = element.type === MI_COMPRESSED ? first(inflate(element.data), littleEndian) : element;
      const found =
        matrix?.type === MI_MATRIX ? readMatrix(matrix.data, littleEndian, name, file) : undefined;
      if (found) return found;
    }
  } catch (error) {
    if (error instanceof DistillError) throw error;
    throw unreadableImage(file, 'the MATLAB data ends early or is damaged', error);
  }
  throw unreadableImage(file, `it holds no matrix named ${name}`);
}

interface Element {
  type: number;
  data: DataView;
}

/** Elements follow each other padded to 8 bytes, compressed ones unpadded; short ones keep their data in the tag. */
function* elements(view: DataView, start: number, le: boolean, inside: boolean): Generator<Element> {
  for (let at = start; at + 8 <= view.byteLength; ) {
    const tag = view.getUint32(at, le);
    const short = tag >>> 16;
    const [type, bytes, from] = short
      ? [tag & 0xffff, short, at + 4]
      : [tag, view.getUint32(at + 4, le), at + 8];
    if ((short && bytes > 4) || from + bytes > view.byteLength)
      throw new RangeError('element beyond the file');
    yield { type, data: new DataView(view.buffer, view.byteOffset + from, bytes) };
    const end = short ? at + 8 : from + bytes;
    at = type === MI_COMPRESSED && !inside ? end : start + Math.ceil((end - start) / 8) * 8;
  }
}

function first(view: DataView, le: boolean): Element | undefined {
  return elements(view, 0, le, true).next().value ?? undefined;
}

function inflate(data: DataView): DataView {
  const out = inflateSync(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), {
    maxOutputLength: MAX_INFLATED,
  });
  return new DataView(out.buffer, out.byteOffset, out.byteLength);
}

/** Parts of a matrix: flags, dimensions, name, values column by column. Undefined for a matrix of another name. */
function readMatrix(view: DataView, le: boolean, wanted: string, file: string): IndexImage | undefined {
  const parts = elements(view, 0, le, true);
  const part = (): Element => {
    const next = parts.next();
    if (next.done) throw new RangeError('matrix without values');
    return next.value;
  };
  part();
  const dimensions = part().data;
  const label = part().data;
  if (ascii(new Uint8Array(label.buffer, label.byteOffset, label.byteLength), 0, label.byteLength) !== wanted)
    return undefined;
  const [height, width] = [dimensions.getInt32(0, le), dimensions.getInt32(4, le)];
  refuseHugeImage(file, width, height);
  const values = part();
  const number = NUMBERS[values.type];
  if (dimensions.byteLength !== 8 || !number || values.data.byteLength !== width * height * number.bytes)
    throw unreadableImage(file, `its matrix ${wanted} is not a two-dimensional numeric one`);
  const data = new Uint16Array(width * height);
  for (let x = 0, at = 0; x < width; x++)
    for (let y = 0; y < height; y++, at += number.bytes) {
      const id = number.read(values.data, at, le);
      if (!(Number.isInteger(id) && id >= 0 && id <= 0xffff))
        throw new DistillError('dataset-label', `The value ${id} at pixel x=${x}, y=${y} is no class id.`, {
          where: file,
          remedy: 'Class ids are whole numbers from 0; or set dataset.onProblem to "skip".',
        });
      data[y * width + x] = id;
    }
  return { width, height, data };
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
