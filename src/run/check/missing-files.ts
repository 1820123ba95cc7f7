import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import type { Config } from '../../protocol/config';
import type { ErrorCode } from '../../protocol/errors';
import type { Finding } from './schema-findings';

/** Folders of the layouts in src/data/datasets, as far as a check without reading pictures needs them. */
const FOLDERS: Record<Config['dataset']['kind'], readonly string[]> = {
  sample: [],
  camvid: ['train', 'trainannot', 'val', 'valannot'],
  folder: ['images/train', 'images/val', 'labels/train', 'labels/val', 'classes.json'],
};
const CAMVID_CLASSES = 11;
/** Written by samples/write.ts into a complete set. */
const SAMPLE_MARKER = 'sample.json';

/** What a configuration names and the disk does not have. Relative paths start from `base`. */
export function missingFiles(config: Config, base: string): Finding[] {
  return [
    ...dataset(config, base),
    ...checkpoint('teacher', config.teacher?.checkpoint, base),
    ...checkpoint('student', config.student.checkpoint, base),
    ...classWeights(config, base),
  ];
}

function dataset({ dataset: { kind, root } }: Config, base: string): Finding[] {
  if (kind === 'sample') return sampleFolder(root, base);
  if (root === undefined)
    return [
      error(
        'dataset-missing',
        ['dataset', 'root'],
        `A dataset of kind "${kind}" needs "root", the folder that holds it.`,
      ),
    ];
  const folder = resolve(base, root);
  if (!isFolder(folder))
    return [
      error(
        'dataset-missing',
        ['dataset', 'root'],
        `There is no such folder: ${folder}. Write an absolute path, or one relative to the folder of this file.`,
      ),
    ];
  const listed = kind === 'camvid' && existsSync(join(folder, 'camvid_train_list.txt'));
  const absent = listed ? [] : FOLDERS[kind].filter((part) => !existsSync(join(folder, part)));
  if (absent.length === 0) return [];
  return [
    error(
      'dataset-missing',
      ['dataset', 'root'],
      `${folder} is no dataset of kind "${kind}": ${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not there. ` +
        `Expected: ${FOLDERS[kind].join(', ')}.`,
    ),
  ];
}

/** The sample scenes are made where they are asked for, unless something else lies there. */
function sampleFolder(root: string | undefined, base: string): Finding[] {
  if (root === undefined) return [];
  const folder = resolve(base, root);
  if (!existsSync(folder) || existsSync(join(folder, SAMPLE_MARKER))) return [];
  return [
    error(
      'dataset-missing',
      ['dataset', 'root'],
      `${folder} holds something else than the sample scenes. Name a folder that does not exist yet, remove "root", ` +
        'or set "kind" to "folder" or "camvid" if it is a dataset.',
    ),
  ];
}

function checkpoint(role: 'teacher' | 'student', file: string | undefined, base: string): Finding[] {
  if (file === undefined) return [];
  const path = [role, 'checkpoint'];
  const found = resolve(base, file);
  if (!existsSync(found))
    return [
      error(
        'checkpoint-missing',
        path,
        `There is no such checkpoint: ${found}. Write an absolute path, or one relative to the folder of this file; ` +
          'a run keeps its best weights in .distill/runs/<run>/checkpoints/best/.',
      ),
    ];
  if (extname(found).toLowerCase() !== '.safetensors' || !statSync(found).isFile())
    return [
      error(
        'checkpoint-mismatch',
        path,
        `${found} is not a .safetensors file, the only kind that can be read.`,
      ),
    ];
  return [];
}

function classWeights(config: Config, base: string): Finding[] {
  const classes = classCount(config, base);
  if (classes === undefined) return [];
  return config.methods.flatMap((method, i): Finding[] => {
    const weights = method.kind === 'rdd' ? method.tse.classWeights : undefined;
    if (!weights || weights.length === classes) return [];
    return [
      error(
        'config-invalid',
        ['methods', i, 'tse', 'classWeights'],
        `${weights.length} class weights for a dataset of ${classes} classes. Give one weight per class, in the order of the class ids.`,
      ),
    ];
  });
}

/** Undefined where it cannot be told without opening the dataset. */
function classCount({ dataset: { kind, root } }: Config, base: string): number | undefined {
  if (kind === 'camvid') return CAMVID_CLASSES;
  if (root === undefined) return undefined;
  try {
    const classes: unknown = JSON.parse(readFileSync(resolve(base, root, 'classes.json'), 'utf8'));
    return Array.isArray(classes) ? classes.length : undefined;
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function error(code: ErrorCode, path: (string | number)[], message: string): Finding {
  return { severity: 'error', code, message, path, inSchema: false };
}
