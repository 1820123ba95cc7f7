import { join } from 'node:path';
import type { Split } from '../dataset';
import { cocoClasses, USED } from './coco-stuff';
import {
  addFolders,
  type DatasetLayout,
  emptyLayout,
  IGNORED,
  type LabelTable,
  listImages,
  missingFolder,
  stem,
  UNKNOWN,
} from './layout';
import { firstFolder } from './lists';

const EXPECTED = 'images/{train2017,val2017}/ and annotations/{train2017,val2017}/ (stuffthingmaps)';
/** Names of the label maps that mmsegmentation's converter makes: values are train ids 0 to 170. */
const CONVERTED = '_labelTrainIds';
const VOID = 255;

/**
 * COCO-Stuff with the images of COCO 2017: `annotations/<split>/<id>.png` as released (values 0 to 181, 255 unlabelled),
 * or mmsegmentation's `<id>_labelTrainIds.png` (0 to 170). Either gives either convention: 182 classes as in CIRKD, eleven
 * of which never occur, or the 171 that do as in mmsegmentation. Their mIoU cannot be compared: CIRKD's mean over 182 is
 * 171/182 of the other. Errors: dataset-missing.
 */
export async function cocoStuff164kLayout(root: string, convention: 182 | 171): Promise<DatasetLayout> {
  const annotations = firstFolder(
    root,
    ['annotations', 'stuffthingmaps', 'annotations/stuffthingmaps'],
    'val2017',
  );
  if (annotations === undefined) throw missingFolder(join(root, 'annotations', 'val2017'), EXPECTED);
  const splits: [Split, string][] = [
    ['train', 'train2017'],
    ['val', 'val2017'],
  ];
  // A converted folder keeps the released files beside the new ones: only one kind is paired.
  const names = await listImages(join(annotations, 'val2017'));
  const converted = names?.some((name) => stem(name).endsWith(CONVERTED)) ?? false;
  const layout = emptyLayout('coco-stuff-164k', root, cocoClasses(convention), table(converted, convention));
  for (const [split, name] of splits) {
    const folders = { images: join(root, 'images', name), labels: join(annotations, name) };
    await addFolders(layout, split, folders, EXPECTED, converted ? CONVERTED : '');
  }
  return layout;
}

function table(converted: boolean, convention: 182 | 171): LabelTable {
  const ids = new Int16Array(VOID + 1).fill(UNKNOWN);
  ids[VOID] = IGNORED;
  for (const [trainId, raw] of USED.entries())
    ids[converted ? trainId : raw] = convention === 182 ? raw : trainId;
  const last = converted ? '170' : '181, except the eleven that COCO removed';
  return { ids, help: `Use ids 0 to ${last}, and ${VOID} for unlabelled pixels` };
}
