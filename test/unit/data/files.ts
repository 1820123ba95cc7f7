import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';

/** A folder that is removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'distill-data-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface PngParts {
  width: number;
  height: number;
  depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  colorType: number;
  /** Rows as stored, without filter bytes. */
  rows: number[][];
  palette?: number[];
  interlace?: number;
  /** Filter byte of every row; the rows are stored as given. */
  filter?: number;
}

/** Writes the PNG byte by byte from the specification: a second opinion on what the reader understands. */
export function pngBytes(png: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(png.width, 0);
  header.writeUInt32BE(png.height, 4);
  header.set([png.depth, png.colorType, 0, 0, png.interlace ?? 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(png.palette ? [chunk('PLTE', Buffer.from(png.palette))] : []),
    chunk('IDAT', deflateSync(Buffer.from(png.rows.flatMap((row) => [png.filter ?? 0, ...row])))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** Bytes of a grey 8-bit PNG of one value, or of the values given row by row. */
export function greyPng(width: number, height: number, value: number | number[]): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (typeof value === 'number' ? value : value[y * width + x]!)),
  );
  return pngBytes({ width, height, depth: 8, colorType: 0, rows });
}

/** Bytes of an RGB PNG where every pixel has the given colour. */
export function rgbPng(width: number, height: number, color: [number, number, number]): Buffer {
  const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => color).flat());
  return pngBytes({ width, height, depth: 8, colorType: 2, rows });
}

/** Writes files given by their path in the folder; folders are made. */
export function writeFiles(root: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, data] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), data);
  }
}

export const CLASSES_JSON = JSON.stringify([
  { name: 'ground', color: [128, 64, 128] },
  { name: 'sky', color: [70, 130, 180] },
  { name: 'tree', color: [107, 142, 35] },
]);

/** A folder dataset with three training images (red level 10, 20, 30) and one for validation, 4 x 3 pixels. */
export function smallFolderDataset(changes: Record<string, string | Uint8Array | null> = {}): string {
  const root = temporaryFolder();
  const files: Record<string, string | Uint8Array | null> = { 'classes.json': CLASSES_JSON };
  for (const [split, names] of [
    ['train', ['a', 'b', 'c']],
    ['val', ['v']],
  ] as const)
    for (const [i, name] of names.entries()) {
      files[`images/${split}/${name}.png`] = rgbPng(4, 3, [10 * (i + 1), 50, 90]);
      files[`labels/${split}/${name}.png`] = greyPng(4, 3, [0, 1, 2, 255, 0, 0, 1, 1, 2, 2, 255, 255]);
    }
  const present = Object.entries({ ...files, ...changes }).filter(([, data]) => data !== null);
  writeFiles(root, Object.fromEntries(present) as Record<string, string | Uint8Array>);
  return root;
}
