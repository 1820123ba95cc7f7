import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../dataset';
import { type DatasetLayout, missingImage, missingLabel, stem } from './layout';

/** The folder among `candidates` (relative to `root`) that holds `marker`: archives unpack one or two folders deep. */
export function firstFolder(root: string, candidates: readonly string[], marker: string): string | undefined {
  return candidates.map((c) => join(root, c)).find((folder) => existsSync(join(folder, marker)));
}

/** Ids of a list file, one per line (of "image label" lines, the image's); undefined if there is no such file. */
export async function readIdList(file: string): Promise<string[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const ids = text
    .split(/\r?\n/)
    .map((row) => row.trim().split(/\s+/)[0]!)
    .filter((word) => word !== '');
  return [...new Set(ids.map((word) => (/\.(png|jpe?g)$/i.test(word) ? stem(word) : word)))];
}

/** Absolute paths by id. */
export type FilesById = ReadonlyMap<string, string>;

/** `names` of a folder as a map from the name without its extension. */
export function byId(folder: string, names: readonly string[]): FilesById {
  return new Map(names.map((name) => [stem(name), join(folder, name)]));
}

/**
 * Adds the listed samples to a split. `expected` says where a file that is missing should be, for the message.
 */
export function addListed(
  layout: DatasetLayout,
  split: Split,
  ids: readonly string[],
  images: FilesById,
  labels: FilesById,
  expected: { image: (id: string) => string; label: (id: string) => string },
): void {
  for (const id of ids) {
    const [image, label] = [images.get(id), labels.get(id)];
    if (image !== undefined && label !== undefined) layout.samples[split].push({ id, image, label });
    else
      layout.problems.push({
        split,
        id,
        error:
          image === undefined
            ? missingImage(expected.image(id), split)
            : missingLabel(image, expected.label(id)),
      });
  }
}
