import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encode } from 'fast-png';
import { DistillError } from '../src/protocol/errors';
import { STREET_CLASSES } from './classes';
import { streetScene } from './streets';

export interface SampleOptions {
  /** Height and width of the images in pixels. */
  size?: [number, number];
  /** Number of training images. */
  train?: number;
  /** Number of validation images. */
  val?: number;
  seed?: number;
}

const DEFAULTS: Required<SampleOptions> = { size: [96, 96], train: 300, val: 100, seed: 1 };

/** Changes whenever the same parameters give other pictures. */
const GENERATOR = 3;

/** Written last: a folder that has it is complete. */
const MARKER = 'sample.json';

/**
 * Makes the sample scenes in `root` in the layout of `folder` datasets, unless a complete set of these parameters is
 * there. Written beside and renamed, so that a killed process leaves no half dataset. A folder that this function did
 * not make is never touched. Errors: dataset-missing (something else is in the way), and those of the file system.
 */
export async function ensureSampleDataset(root: string, options: SampleOptions = {}): Promise<void> {
  const parameters = { generator: GENERATOR, ...DEFAULTS, ...options };
  const found = await markerOf(root);
  if (found === JSON.stringify(parameters)) return;
  if (found === null && (await exists(root)))
    throw new DistillError(
      'dataset-missing',
      'This folder is not a set of sample scenes made by this program.',
      {
        where: root,
        remedy:
          'Choose another dataset.root, or set dataset.kind to "folder" or "camvid" if the folder is a dataset.',
      },
    );
  const beside = `${root}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeScenes(beside, parameters);
    await writeFile(join(beside, MARKER), JSON.stringify(parameters));
    await putInPlace(beside, root, JSON.stringify(parameters));
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function writeScenes(folder: string, options: Required<SampleOptions>): Promise<void> {
  const { seed, train, val } = options;
  const [height, width] = options.size;
  for (const [split, count] of [
    ['train', train],
    ['val', val],
  ] as const) {
    const [images, labels] = [join(folder, 'images', split), join(folder, 'labels', split)];
    await mkdir(images, { recursive: true });
    await mkdir(labels, { recursive: true });
    for (let i = 0; i < count; i++) {
      const name = `${split}-${String(i).padStart(4, '0')}`;
      const { rgb, label } = streetScene(seed, name, width, height);
      const shape = { width, height, depth: 8 as const };
      await writeFile(join(images, `${name}.png`), encode({ ...shape, channels: 3, data: rgb }));
      await writeFile(join(labels, `${name}.png`), encode({ ...shape, channels: 1, data: label }));
    }
  }
  await writeFile(join(folder, 'classes.json'), `${JSON.stringify(STREET_CLASSES, null, 2)}\n`);
}

/** Another process may have made the same dataset meanwhile; then its one stays. */
async function putInPlace(beside: string, root: string, wanted: string): Promise<void> {
  await mkdir(dirname(root), { recursive: true });
  const old = join(dirname(beside), `${basename(beside)}.old`);
  if (await exists(root)) await rename(root, old);
  try {
    await rename(beside, root);
  } catch (error) {
    if ((await markerOf(root)) !== wanted) throw error;
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

async function markerOf(root: string): Promise<string | null> {
  return readFile(join(root, MARKER), 'utf8').catch(() => null);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
