import { crc32, createInflate, inflateSync } from 'node:zlib';
import { unfilter } from './png-filters';

/** Stored values of a PNG, one per pixel and channel, row-major. */
export interface DecodedPng {
  width: number;
  height: number;
  depth: 1 | 2 | 4 | 8 | 16;
  /** 1 grey or palette index, 2 grey and alpha, 3 RGB, 4 RGBA. */
  channels: 1 | 2 | 3 | 4;
  palette?: Uint8Array;
  data: Uint8Array | Uint16Array;
}

export interface PngHeader {
  width: number;
  height: number;
}

const TOO_FEW_ROWS = 'fewer rows than the header says';
/** Bytes of a picture below which a stream costs more than the rows it leaves out. */
const WORTH_A_STREAM = 2 ** 20;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHANNELS: Record<number, DecodedPng['channels']> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Depths allowed for each colour type (PNG specification, table 11.1). */
const DEPTHS: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
/** Adam7: first column and row, and steps, of each pass (PNG specification, 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((b, i) => bytes[i] === b);
}

/**
 * Decodes every kind of PNG to its stored values, nothing expanded or stretched: what label maps need, and what general
 * libraries do not offer for interlaced files of less than 8 bit. Node's zlib inflates, to the size the header promises
 * and no further. `check` sees the header before memory is asked for.
 * Errors: Error with the reason, for a damaged or truncated file.
 */
export function decodePng(bytes: Uint8Array, check: (header: PngHeader) => void): DecodedPng {
  const file = readChunks(bytes, check);
  return file.header.interlaced
    ? decodePasses(file)
    : decodeRows(file, inflateWhole(file.picture, sizeOf(file.header)));
}

/**
 * The same, but `data` may end after the first `rows` rows: nothing beyond them is inflated. Small files are decoded whole,
 * and so are interlaced ones, which have no first rows.
 */
export async function decodePngRows(
  bytes: Uint8Array,
  check: (header: PngHeader) => void,
  rows: number,
): Promise<DecodedPng> {
  const file = readChunks(bytes, check);
  const { height, interlaced } = file.header;
  if (interlaced) return decodePasses(file);
  const whole = sizeOf(file.header);
  if (rows >= height || whole < WORTH_A_STREAM) return decodeRows(file, inflateWhole(file.picture, whole));
  return decodeRows(file, await inflateFirst(file.picture, (whole / height) * rows));
}

/** Bytes of a row without its filter. */
function rowBytes({ channels, depth }: Header, columns: number): number {
  return Math.ceil((columns * channels * depth) / 8);
}

/** Bytes of all rows, of a picture that is not interlaced. */
function sizeOf(header: Header): number {
  return header.height * (1 + rowBytes(header, header.width));
}

/** Bytes between a value and the one to its left. */
function stepOf({ channels, depth }: Header): number {
  return Math.max(1, (channels * depth) >> 3);
}

/** Errors: fewer bytes than `expected`, or more. */
function inflateWhole(picture: Uint8Array, expected: number): Uint8Array {
  const raw = inflateSync(picture, { maxOutputLength: expected, chunkSize: Math.max(64, expected) });
  if (raw.length !== expected) throw new Error(TOO_FEW_ROWS);
  return raw;
}

/** The first `length` bytes. A stream inflates them as one chunk, and stops when that is not read on. */
function inflateFirst(picture: Uint8Array, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stream = createInflate({ chunkSize: Math.max(64, length) });
    const parts: Buffer[] = [];
    let have = 0;
    stream.on('data', (part: Buffer) => {
      parts.push(part);
      have += part.length;
      if (have < length) return;
      stream.destroy();
      resolve(parts.length === 1 ? part : Buffer.concat(parts));
    });
    stream.on('error', reject);
    stream.on('end', () => reject(new Error(TOO_FEW_ROWS)));
    stream.end(picture);
  });
}

/** As many rows as `raw` has. */
function decodeRows({ header, palette }: PngFile, raw: Uint8Array): DecodedPng {
  const { width, height, depth, channels } = header;
  const perRow = rowBytes(header, width);
  const rows = Math.floor(raw.length / (1 + perRow));
  const values = unfilter(raw, 0, rows, perRow, stepOf(header));
  return { width, height, depth, channels, palette, data: unpack(values, width * channels, rows, depth) };
}

function decodePasses({ header, palette, picture }: PngFile): DecodedPng {
  const { width, height, depth, channels } = header;
  const passes = ADAM7.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    ...passSize(width - x, height - y, dx, dy),
  }));
  const whole = passes.filter((p) => p.width > 0 && p.height > 0);
  const raw = inflateWhole(
    picture,
    whole.reduce((sum, p) => sum + p.height * (1 + rowBytes(header, p.width)), 0),
  );
  const data =
    depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  let at = 0;
  for (const p of whole) {
    const perRow = rowBytes(header, p.width);
    const rows = unfilter(raw, at, p.height, perRow, stepOf(header));
    const values = unpack(rows, p.width * channels, p.height, depth);
    at += p.height * (1 + perRow);
    for (let y = 0; y < p.height; y++)
      for (let x = 0; x < p.width; x++)
        for (let c = 0; c < channels; c++)
          data[((p.y + y * p.dy) * width + p.x + x * p.dx) * channels + c] =
            values[(y * p.width + x) * channels + c]!;
  }
  return { width, height, depth, channels, palette, data };
}

function passSize(width: number, height: number, dx: number, dy: number): { width: number; height: number } {
  return { width: Math.max(0, Math.ceil(width / dx)), height: Math.max(0, Math.ceil(height / dy)) };
}

interface Header extends PngHeader {
  depth: DecodedPng['depth'];
  channels: DecodedPng['channels'];
  interlaced: boolean;
}

interface PngFile {
  header: Header;
  palette: Uint8Array | undefined;
  /** Compressed. */
  picture: Uint8Array;
}

function readChunks(bytes: Uint8Array, check: (header: PngHeader) => void): PngFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  const parts: Uint8Array[] = [];
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > bytes.length) throw new Error('the PNG data ends early');
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw new Error('the PNG data ends early');
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      throw new Error(`the ${type} chunk is damaged`);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      header = readHeader(data);
      check(header);
    } else if (type === 'PLTE') palette = data;
    else if (type === 'IDAT') parts.push(data);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  if (!header) throw new Error('it has no header');
  return { header, palette, picture: parts.length === 1 ? parts[0]! : Buffer.concat(parts) };
}

/** What a PNG file that begins with these bytes claims to be; undefined if they are damaged or too few. */
export function pngHeader(bytes: Uint8Array): (PngHeader & Pick<Header, 'channels'>) | undefined {
  const at = SIGNATURE.length;
  if (bytes.length < at + 25) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole =
    view.getUint32(at) === 13 && crc32(bytes.subarray(at + 4, at + 21)) === view.getUint32(at + 21);
  try {
    return whole ? readHeader(bytes.subarray(at + 8, at + 21)) : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(data: Uint8Array): Header {
  if (data.length !== 13) throw new Error('its header is damaged');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [depth, color, compression, filter, interlace] = data.subarray(8);
  if (!DEPTHS[color!]?.includes(depth!) || compression !== 0 || filter !== 0 || interlace! > 1)
    throw new Error(`its header names no kind of PNG (colour type ${color}, ${depth} bit)`);
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: depth as DecodedPng['depth'],
    channels: CHANNELS[color!]!,
    interlaced: interlace === 1,
  };
}

/** Rows of less than 8 bit per value are packed, each row starting at a byte; 16 bit come high byte first. */
function unpack(rows: Uint8Array, perRow: number, height: number, depth: number): Uint8Array | Uint16Array {
  if (depth === 8) return rows;
  if (depth === 16) {
    const out = new Uint16Array(perRow * height);
    for (let i = 0; i < out.length; i++) out[i] = (rows[2 * i]! << 8) | rows[2 * i + 1]!;
    return out;
  }
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  const mask = 2 ** depth - 1;
  const out = new Uint8Array(perRow * height);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < perRow; i++) {
      const bit = i * depth;
      const byte = rows[y * bytesPerRow + (bit >> 3)]!;
      out[y * perRow + i] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  return out;
}
