import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Split } from '../dataset';
import { cocoClasses, USED } from './coco-stuff';
import {
  addFolders,
  type DatasetLayout,
  emptyLayout,
  IGNORED,
  type LabelTable,
  listFiles,
  listImages,
  missingFolder,
  UNKNOWN,
} from './layout';
import { addListed, byId, readIdList } from './lists';

const EXPECTED =
  'images/, annotations/*.mat and imageLists/{train,test}.txt, or images/ and annotations/{train2014,test2014}/*_labelTrainIds.png';
const CONVERTED = '_labelTrainIds';

/**
 * COCO-Stuff 10K v1.1 as released (`annotations/*.mat`, label ids 0 to 182 in the field S, and `imageLists/`), or as
 * mmsegmentation's converter leaves it (`{train2014,test2014}`, train ids 0 to 171). Value 0 is unlabelled and ignored; 171
 * classes. The official test split serves as validation. Errors: dataset-missing.
 */
export async function cocoStuff10kLayout(root: string): Promise<DatasetLayout> {
  const converted = existsSync(join(root, 'annotations', 'train2014'));
  const layout = emptyLayout('coco-stuff-10k', root, cocoClasses(171), table(converted));
  if (converted) await fromConverted(layout);
  else await fromRelease(layout);
  return layout;
}

async function fromRelease(layout: DatasetLayout): Promise<void> {
  const [imageFolder, labelFolder] = [join(layout.root, 'images'), join(layout.root, 'annotations')];
  const [images, labels] = [await listImages(imageFolder), await listFiles(labelFolder, ['.mat'])];
  if (!images) throw missingFolder(imageFolder, EXPECTED);
  if (!labels) throw missingFolder(labelFolder, EXPECTED);
  for (const [split, list] of [
    ['train', 'train.txt'],
    ['val', 'test.txt'],
  ] satisfies [Split, string][]) {
    const file = join(layout.root, 'imageLists', list);
    const ids = await readIdList(file);
    if (!ids) throw missingFolder(file, EXPECTED);
    addListed(layout, split, ids, byId(imageFolder, images), byId(labelFolder, labels), {
      image: (id) => join(imageFolder, `${id}.jpg`),
      label: (id) => join(labelFolder, `${id}.mat`),
    });
  }
}

async function fromConverted(layout: DatasetLayout): Promise<void> {
  for (const [split, name] of [
    ['train', 'train2014'],
    ['val', 'test2014'],
  ] satisfies [Split, string][]) {
    const folders = {
      images: join(layout.root, 'images', name),
      labels: join(layout.root, 'annotations', name),
    };
    await addFolders(layout, split, folders, EXPECTED, CONVERTED);
  }
}

function table(converted: boolean): LabelTable {
  const ids = new Int16Array(183).fill(UNKNOWN);
  ids[0] = IGNORED;
  // Label ids of the release start at 1, as do the converter's train ids.
  for (const [trainId, raw] of USED.entries()) ids[(converted ? trainId : raw) + 1] = trainId;
  const last = converted ? '171' : '182, except the eleven that COCO removed';
  return { ids, help: `Use ids 1 to ${last}, and 0 for unlabelled pixels` };
}
