import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DistillError } from '../../protocol/errors';
import type { ClassInfo, Split } from '../dataset';
import {
  addFolders,
  type DatasetLayout,
  emptyLayout,
  listImages,
  missingFolder,
  plainLabels,
} from './layout';

const EXPECTED = 'images/{train,val}, labels/{train,val} and classes.json';
const IGNORE = 255;

const byte = z.int().min(0).max(255);
const classesSchema = z
  .array(z.object({ name: z.string().min(1), color: z.tuple([byte, byte, byte]) }))
  .min(2)
  .max(IGNORE);

/**
 * The general layout: `images/{train,val}/*.{png,jpg}` (and `test`, if there), `labels/{train,val}/<same name>.png` with class ids as stored
 * values (255 = ignore), and `classes.json`: [{ "name", "color": [r,g,b] }] in the order of the ids.
 * Errors: dataset-missing, dataset-empty.
 */
export async function folderLayout(root: string, name: string): Promise<DatasetLayout> {
  const classes = await readClasses(root);
  const layout = emptyLayout(name, root, classes, plainLabels(classes.length, [IGNORE]));
  const splits: Split[] = existsSync(join(root, 'images', 'test'))
    ? ['train', 'val', 'test']
    : ['train', 'val'];
  for (const split of splits) {
    const folders = { images: join(root, 'images', split), labels: join(root, 'labels', split) };
    await addFolders(layout, split, folders, EXPECTED);
  }
  return layout;
}

async function readClasses(root: string): Promise<ClassInfo[]> {
  const file = join(root, 'classes.json');
  const refuse = (what: string, cause?: unknown) =>
    new DistillError('dataset-missing', what, {
      where: file,
      remedy:
        'Write a list such as [{ "name": "road", "color": [128, 64, 128] }, ...] in the order of the class ids.',
      cause,
    });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await listImages(root)) === null)
      throw missingFolder(root, EXPECTED);
    throw refuse('The list of classes cannot be read.', error);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refuse(`The list of classes is not valid JSON (${(error as Error).message}).`, error);
  }
  const result = classesSchema.safeParse(parsed);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw refuse(
    `The list of classes does not have the expected form (${issue.path.join('.') || 'whole file'}: ${issue.message}).`,
  );
}
