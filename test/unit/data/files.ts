import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type PngHeader, pngFile } from '../../lib/png-file';

/** A folder that is removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'distill-data-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface PngParts extends PngHeader {
  /** Rows as stored, without filter bytes. */
  rows: number[][];
  palette?: number[];
  /** Filter byte of every row; the rows are stored as given. */
  filter?: number;
}

/** The PNG as its parts say: what no encoder would write, too. */
export function pngBytes({ palette, rows, filter = 0, ...header }: PngParts): Buffer {
  return pngFile(header, [
    ...(palette ? [['PLTE', Buffer.from(palette)] as const] : []),
    ['IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [filter, ...row])))],
  ]);
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
