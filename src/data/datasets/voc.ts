import { join } from 'node:path';
import type { ClassInfo } from '../dataset';
import { type DatasetLayout, emptyLayout, listImages, missingFolder, plainLabels } from './layout';
import { addListed, byId, type FilesById, firstFolder, readIdList } from './lists';
import { vocColor } from './voc-palette';

const EXPECTED = 'JPEGImages/, SegmentationClass/, and SegmentationClassAug/ for the augmented set';
const NAMES = [
  ...['background', 'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow'],
  ...[
    'diningtable',
    'dog',
    'horse',
    'motorbike',
    'person',
    'pottedplant',
    'sheep',
    'sofa',
    'train',
    'tvmonitor',
  ],
];
/** Boundaries and difficult objects. */
const VOID = 255;

export const VOC_CLASSES: readonly ClassInfo[] = NAMES.map((name, id) => ({ name, color: vocColor(id) }));

/**
 * Pascal VOC 2012 with the augmented training set: images in `JPEGImages/`, training labels in `SegmentationClassAug/`
 * (8-bit index images; `SegmentationClass/` without it), validation labels in `SegmentationClass/` (palette PNGs, read
 * as indices). Ids come from `ImageSets/Segmentation/` (`train_aug.txt`, `trainaug.txt`, or `train.txt` with `aug.txt`;
 * `val.txt`), or from lists of these names beside it. `root` may be `VOC2012/`, or a folder above it.
 * Errors: dataset-missing, dataset-pair (a broken list).
 */
export async function vocLayout(given: string): Promise<DatasetLayout> {
  const root = firstFolder(given, ['.', 'VOC2012', 'VOCdevkit/VOC2012'], 'JPEGImages');
  if (root === undefined) throw missingFolder(join(given, 'JPEGImages'), EXPECTED);
  const layout = emptyLayout('voc', root, VOC_CLASSES, plainLabels(VOC_CLASSES.length, [VOID]));
  const images = await files(root, 'JPEGImages');
  const plain = await files(root, 'SegmentationClass');
  const augmented = await files(root, 'SegmentationClassAug');
  if (!images || !(plain ?? augmented)) throw missingFolder(join(root, 'SegmentationClass'), EXPECTED);
  const train =
    (augmented && (await idsOf(root, ['train_aug', 'trainaug']))) ?? (await trainAndAug(root, augmented));
  const val = await idsOf(root, ['val']);
  if (!train || !val)
    throw missingFolder(
      join(root, 'ImageSets', 'Segmentation', train ? 'val.txt' : 'train.txt'),
      'the lists train_aug.txt (or train.txt, with aug.txt) and val.txt',
    );
  const image = (id: string) => join(root, 'JPEGImages', `${id}.jpg`);
  const label = (folder: string) => ({ image, label: (id: string) => join(root, folder, `${id}.png`) });
  addListed(layout, 'train', train, images, either(augmented, plain), label('SegmentationClassAug'));
  addListed(layout, 'val', val, images, either(plain, augmented), label('SegmentationClass'));
  return layout;
}

async function files(root: string, folder: string): Promise<FilesById | undefined> {
  const names = await listImages(join(root, folder));
  return names ? byId(join(root, folder), names) : undefined;
}

/** The files of the first, and of the second what the first has not. */
function either(first: FilesById | undefined, second: FilesById | undefined): FilesById {
  return new Map([...(second ?? []), ...(first ?? [])]);
}

async function idsOf(root: string, names: string[]): Promise<string[] | undefined> {
  for (const name of names)
    for (const folder of [join('ImageSets', 'Segmentation'), 'ImageSets', '.'])
      for (const prefix of ['', 'voc_']) {
        const ids = await readIdList(join(root, folder, `${prefix}${name}.txt`));
        if (ids) return ids;
      }
  return undefined;
}

/** mmsegmentation's way: the original list, and that of what the SBD labels add. */
async function trainAndAug(root: string, augmented: FilesById | undefined): Promise<string[] | undefined> {
  const train = await idsOf(root, ['train']);
  const added = augmented ? await idsOf(root, ['aug']) : undefined;
  return train && [...new Set([...train, ...(added ?? [])])];
}
