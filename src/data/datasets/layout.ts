import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';
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
  /** Raw label value that means "ignore"; every other value must be below the number of classes. */
  ignore: number;
  samples: Record<Split, SampleFiles[]>;
  /** Samples that cannot be used, found without opening a picture. */
  problems: { split: Split; id: string; error: DistillError }[];
  warnings: string[];
}

/** Names of the image files of a folder, sorted by code unit (the same on every system); null if there is no folder. */
export async function listImages(folder: string): Promise<string[] | null> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  return names
    .filter((n) => (IMAGE_EXTENSIONS as readonly string[]).includes(extname(n).toLowerCase()))
    .sort();
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

export function missingLabel(image: string, expected: string): DistillError {
  return new DistillError('dataset-pair', `The image has no label map (expected ${expected}).`, {
    where: image,
    remedy: 'Add the label map, remove the image, or set dataset.onProblem to "skip".',
  });
}

/** Pairs the files of an image folder with those of a label folder by name. */
export function pairByName(
  split: Split,
  images: readonly string[],
  labels: readonly string[],
  path: { image: (name: string) => string; label: (name: string) => string },
): Pick<DatasetLayout, 'problems' | 'warnings'> & { samples: SampleFiles[] } {
  const labelOf = new Map(labels.map((name) => [stem(name), name]));
  const used = new Map<string, string>();
  const samples: SampleFiles[] = [];
  const problems: DatasetLayout['problems'] = [];
  for (const name of images) {
    const id = stem(name);
    const label = labelOf.get(id);
    const twin = used.get(id);
    if (twin !== undefined) {
      const error = new DistillError('dataset-pair', `Another image has the same name (${twin}).`, {
        where: path.image(name),
        remedy: 'Keep one of the two, or set dataset.onProblem to "skip" to use the first.',
      });
      problems.push({ split, id: name, error });
      continue;
    }
    used.set(id, name);
    if (label === undefined)
      problems.push({ split, id, error: missingLabel(path.image(name), path.label(`${id}.png`)) });
    else samples.push({ id, image: path.image(name), label: path.label(label) });
  }
  const orphans = labels.filter((name) => !used.has(stem(name))).map(path.label);
  return { samples, problems, warnings: orphanWarnings(orphans) };
}

function orphanWarnings(orphans: string[]): string[] {
  if (orphans.length === 0) return [];
  const more = orphans.length > 1 ? ` and ${orphans.length - 1} more` : '';
  return [`${orphans[0]}${more}: label map without an image; not used.`];
}
