import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { ClassInfo, Split } from '../dataset';
import { IMAGE_EXTENSIONS } from '../image-file';

/** Where one sample lies, absolute paths. */
export interface SampleFiles {
  id: string;
  image: string;
  label: string;
}

/** What a dataset's own file says about a folder on disk; reading and checking pixels is the same for all. */
export interface DatasetLayout {
  name: string;
  root: string;
  classes: ClassInfo[];
  /** Class id of every raw label value; see `LabelTable`. */
  labels: LabelTable;
  samples: Record<Split, SampleFiles[]>;
  /** Samples that cannot be used, found without opening a picture. */
  problems: { split: Split; id: string; error: DistillError }[];
  /** Label maps without an image: odd, but nobody is hindered. Absolute paths. */
  orphans: { split: Split; file: string }[];
}

/**
 * What raw label values mean: `ids[raw]` is the class id, -1 = ignore, -2 = not a value of this dataset (as is every raw
 * value beyond the table). `help` tells a user which raw values are allowed.
 */
export interface LabelTable {
  ids: Int16Array;
  help: string;
}

export const IGNORED = -1;
export const UNKNOWN = -2;

/** A layout without samples yet. */
export function emptyLayout(
  name: string,
  root: string,
  classes: readonly ClassInfo[],
  labels: LabelTable,
): DatasetLayout {
  return {
    name,
    root,
    classes: classes.map((c) => ({ ...c })),
    labels,
    samples: { train: [], val: [], test: [] },
    problems: [],
    orphans: [],
  };
}

/** Raw values that are class ids already, and those to ignore. */
export function plainLabels(classes: number, ignore: readonly number[]): LabelTable {
  const ids = new Int16Array(Math.max(classes, ...ignore.map((v) => v + 1))).fill(UNKNOWN);
  for (let i = 0; i < classes; i++) ids[i] = i;
  for (const raw of ignore) ids[raw] = IGNORED;
  return { ids, help: `Use ids 0 to ${classes - 1}, and ${ignore.join(' or ')} for pixels to ignore` };
}

/** Names of the image files of a folder, sorted by code unit (the same on every system); null if there is no folder. */
export function listImages(folder: string): Promise<string[] | null> {
  return listFiles(folder, IMAGE_EXTENSIONS);
}

/** The same for other extensions (lower case, with the dot). */
export async function listFiles(folder: string, extensions: readonly string[]): Promise<string[] | null> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  return names.filter((n) => extensions.includes(extname(n).toLowerCase())).sort();
}

/** File name without folder and extension. */
export function stem(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return base.slice(0, base.length - extname(base).length);
}

export function missingFolder(folder: string, expected: string): DistillError {
  return new DistillError('dataset-missing', 'This dataset folder does not exist.', {
    where: folder,
    remedy: `Check dataset.root; expected there: ${expected}.`,
  });
}

export function missingImage(image: string, split: Split): DistillError {
  return new DistillError(
    'dataset-pair',
    `The list of the ${split} split names an image that is not there.`,
    {
      where: image,
      remedy: 'Copy the image again, take it off the list, or set dataset.onProblem to "skip".',
    },
  );
}

export function missingLabel(image: string, expected: string): DistillError {
  return new DistillError('dataset-pair', `The image has no label map (expected ${expected}).`, {
    where: image,
    remedy: 'Add the label map, remove the image, or set dataset.onProblem to "skip".',
  });
}

/**
 * Adds to a split the images of a folder that have a label map of the same name in another. Names of label files may end
 * in `labelSuffix` before the extension; those that do not are then not looked at. Errors: dataset-missing.
 */
export async function addFolders(
  layout: DatasetLayout,
  split: Split,
  folders: { images: string; labels: string },
  expected: string,
  labelSuffix = '',
): Promise<void> {
  const [images, labels] = [await listImages(folders.images), await listImages(folders.labels)];
  if (!images) throw missingFolder(folders.images, expected);
  if (!labels) throw missingFolder(folders.labels, expected);
  const imagePath = (name: string) => join(folders.images, name);
  const labelPath = (name: string) => join(folders.labels, name);
  const labelOf = new Map(
    labels
      .filter((name) => stem(name).endsWith(labelSuffix))
      .map((name) => [stem(name).slice(0, stem(name).length - labelSuffix.length), name]),
  );
  const used = new Map<string, string>();
  for (const name of images) {
    const id = stem(name);
    const label = labelOf.get(id);
    const twin = used.get(id);
    if (twin !== undefined) {
      const error = new DistillError('dataset-pair', `Another image has the same name (${twin}).`, {
        where: imagePath(name),
        remedy: 'Keep one of the two, or set dataset.onProblem to "skip" to use the first.',
      });
      layout.problems.push({ split, id: name, error });
      continue;
    }
    used.set(id, name);
    if (label !== undefined)
      layout.samples[split].push({ id, image: imagePath(name), label: labelPath(label) });
    else {
      const error = missingLabel(imagePath(name), labelPath(`${id}${labelSuffix}.png`));
      layout.problems.push({ split, id, error });
    }
  }
  for (const [id, name] of labelOf) if (!used.has(id)) layout.orphans.push({ split, file: labelPath(name) });
}
