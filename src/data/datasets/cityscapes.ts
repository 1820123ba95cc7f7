import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassInfo, Split } from '../dataset';
import {
  type DatasetLayout,
  emptyLayout,
  IGNORED,
  type LabelTable,
  missingFolder,
  missingLabel,
  UNKNOWN,
} from './layout';

const EXPECTED = 'leftImg8bit/{train,val}/<city>/ and gtFine/{train,val}/<city>/';

/** The 19 evaluated classes in the order of their train ids, with their label id and colour (cityscapesScripts, labels.py). */
const CLASSES: readonly (ClassInfo & { labelId: number })[] = [
  { labelId: 7, name: 'road', color: [128, 64, 128] },
  { labelId: 8, name: 'sidewalk', color: [244, 35, 232] },
  { labelId: 11, name: 'building', color: [70, 70, 70] },
  { labelId: 12, name: 'wall', color: [102, 102, 156] },
  { labelId: 13, name: 'fence', color: [190, 153, 153] },
  { labelId: 17, name: 'pole', color: [153, 153, 153] },
  { labelId: 19, name: 'traffic light', color: [250, 170, 30] },
  { labelId: 20, name: 'traffic sign', color: [220, 220, 0] },
  { labelId: 21, name: 'vegetation', color: [107, 142, 35] },
  { labelId: 22, name: 'terrain', color: [152, 251, 152] },
  { labelId: 23, name: 'sky', color: [70, 130, 180] },
  { labelId: 24, name: 'person', color: [220, 20, 60] },
  { labelId: 25, name: 'rider', color: [255, 0, 0] },
  { labelId: 26, name: 'car', color: [0, 0, 142] },
  { labelId: 27, name: 'truck', color: [0, 0, 70] },
  { labelId: 28, name: 'bus', color: [0, 60, 100] },
  { labelId: 31, name: 'train', color: [0, 80, 100] },
  { labelId: 32, name: 'motorcycle', color: [0, 0, 230] },
  { labelId: 33, name: 'bicycle', color: [119, 11, 32] },
];
/** Label ids run from 0 to 33; those without a train id are ignored. */
const LABEL_IDS = 34;
const VOID = 255;

/** What the two kinds of label files hold: the released label ids, or train ids made by the official script. */
const FLAVOURS = [
  { suffix: '_gtFine_labelIds.png', table: labelIds() },
  { suffix: '_gtFine_labelTrainIds.png', table: trainIds() },
] as const;

/**
 * Cityscapes as released: `leftImg8bit/<split>/<city>/*_leftImg8bit.png` with `gtFine/<split>/<city>/*_gtFine_labelIds.png`,
 * mapped to the 19 train ids on reading; `*_labelTrainIds.png` are used where there are no label ids. Ids are
 * `<city>_<sequence>_<frame>`. Errors: dataset-missing.
 */
export async function cityscapesLayout(root: string): Promise<DatasetLayout> {
  const images = {
    train: await listCities(join(root, 'leftImg8bit', 'train')),
    val: await listCities(join(root, 'leftImg8bit', 'val')),
  };
  const labels = {
    train: await listCities(join(root, 'gtFine', 'train')),
    val: await listCities(join(root, 'gtFine', 'val')),
  };
  // One flavour for the whole dataset: a table that depends on the file would hide a half-converted folder.
  const all = [...labels.train, ...labels.val];
  const flavour = FLAVOURS.find((f) => all.some((file) => file.endsWith(f.suffix))) ?? FLAVOURS[0];
  const layout = emptyLayout(
    'cityscapes',
    root,
    CLASSES.map(({ name, color }) => ({ name, color })),
    flavour.table,
  );
  for (const split of ['train', 'val'] satisfies Split[]) {
    const there = new Set(labels[split]);
    const used = new Set<string>();
    for (const file of images[split]) {
      if (!file.endsWith('_leftImg8bit.png')) continue;
      const id = file.slice(file.indexOf('/') + 1, -'_leftImg8bit.png'.length);
      const image = join(root, 'leftImg8bit', split, file);
      const name = `${file.slice(0, file.indexOf('/'))}/${id}${flavour.suffix}`;
      const label = join(root, 'gtFine', split, name);
      used.add(name);
      if (there.has(name)) layout.samples[split].push({ id, image, label });
      else layout.problems.push({ split, id, error: missingLabel(image, label) });
    }
    for (const name of labels[split])
      if (name.endsWith(flavour.suffix) && !used.has(name))
        layout.orphans.push({ split, file: join(root, 'gtFine', split, name) });
  }
  return layout;
}

/** Files of all city folders as `<city>/<file>`, sorted by code unit. */
async function listCities(folder: string): Promise<string[]> {
  try {
    const cities = (await readdir(folder, { withFileTypes: true })).filter((e) => !e.isFile());
    const files = await Promise.all(
      cities.map(async ({ name }) => (await readdir(join(folder, name))).map((file) => `${name}/${file}`)),
    );
    return files.flat().sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw missingFolder(folder, EXPECTED);
    throw error;
  }
}

function labelIds(): LabelTable {
  const ids = new Int16Array(VOID + 1).fill(UNKNOWN);
  ids.fill(IGNORED, 0, LABEL_IDS);
  ids[VOID] = IGNORED;
  for (const [i, { labelId }] of CLASSES.entries()) ids[labelId] = i;
  return { ids, help: 'Use the *_labelIds.png of the release, whose ids are 0 to 33' };
}

function trainIds(): LabelTable {
  const ids = new Int16Array(VOID + 1).fill(UNKNOWN);
  for (let i = 0; i < CLASSES.length; i++) ids[i] = i;
  ids[VOID] = IGNORED;
  return { ids, help: 'Train ids are 0 to 18, and 255 for pixels to ignore' };
}
