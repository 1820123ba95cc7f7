import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import { STREET_CLASSES } from './classes';
import { streetScene } from './streets';

export interface SampleDatasetOptions {
  /** Height and width of the scenes in pixels. */
  size?: [number, number];
  /** Number of scenes per split. */
  train?: number;
  val?: number;
  seed?: number;
}

/** Raised when the scenes change: folders of an older generator are made anew. */
const GENERATOR = 1;
/** Says what a finished folder was made with. */
const STAMP = 'sample.json';

/**
 * Makes the sample scenes in `root` in the layout of a folder dataset: images/{train,val}, labels/{train,val} (index
 * PNGs, 255 = ignore) and classes.json. Does nothing when a complete dataset of the same parameters is there; a folder
 * that this function did not make is never touched. Written beside and renamed. Errors: those of the file system.
 */
export async function ensureSampleDataset(root: string, options: SampleDatasetOptions = {}): Promise<void> {
  const { size = [96, 96], train = 300, val = 100, seed = 1 } = options;
  const stamp = `${JSON.stringify({ generator: GENERATOR, size, train, val, seed })}\n`;
  const present = await readFile(join(root, STAMP), 'utf8').catch(() => null);
  if (present === stamp) return;
  await mkdir(dirname(root), { recursive: true });
  const beside = await mkdtemp(`${root}.making-`);
  try {
    for (const [split, count] of [
      ['train', train],
      ['val', val],
    ] as const) {
      const [images, labels] = [join(beside, 'images', split), join(beside, 'labels', split)];
      await Promise.all([images, labels].map((folder) => mkdir(folder, { recursive: true })));
      for (let i = 0; i < count; i++) {
        const name = `${split}-${String(i).padStart(4, '0')}`;
        await writeScene(seed, name, size, join(images, `${name}.png`), join(labels, `${name}.png`));
      }
    }
    await writeFile(join(beside, 'classes.json'), `${JSON.stringify(STREET_CLASSES, null, 2)}\n`);
    await writeFile(join(beside, STAMP), stamp);
    if (present !== null) await rm(root, { recursive: true });
    await rename(beside, root);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // Another process made the same dataset meanwhile: then there is nothing left to do.
    if ((await readFile(join(root, STAMP), 'utf8').catch(() => null)) === stamp) return;
    throw error;
  }
}

async function writeScene(
  seed: number,
  name: string,
  [height, width]: [number, number],
  imageFile: string,
  labelFile: string,
): Promise<void> {
  const { rgb, label } = streetScene(seed, name, width, height);
  await writeFile(imageFile, encode({ width, height, data: rgb, channels: 3, depth: 8 }));
  await writeFile(labelFile, encode({ width, height, data: label, channels: 1, depth: 8 }));
}
