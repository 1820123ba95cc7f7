import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config, SegmenterConfig } from '../../protocol/config';
import { datasetFacts } from '../../protocol/datasets';
import type { ErrorCode } from '../../protocol/errors';
import type { Finding } from './schema-findings';

/** Written by samples/write.ts into a complete set. */
const SAMPLE_MARKER = 'sample.json';

/** What a configuration names and the disk does not have. Relative paths start from `base`. */
export function missingFiles(config: Config, base: string): Finding[] {
  return [
    ...dataset(config, base),
    ...weights('teacher', config.teacher, base),
    ...weights('student', config.student, base),
    ...classWeights(config, base),
  ];
}

function dataset(config: Config, base: string): Finding[] {
  const { kind, root } = config.dataset;
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
  const { expected } = datasetFacts(config.dataset);
  const absent = expected.map((set) => set.filter((part) => !existsSync(join(folder, part))));
  if (absent.length === 0 || absent.some((set) => set.length === 0)) return [];
  // Of several ways to lay it out, the one that most of it is there of.
  const present = (i: number) => expected[i]!.length - absent[i]!.length;
  const best = absent.reduce((b, _, i) => (present(i) > present(b) ? i : b), 0);
  const nearest = absent[best]!;
  return [
    error(
      'dataset-missing',
      ['dataset', 'root'],
      `${folder} is no dataset of kind "${kind}": ${nearest.join(', ')} ${nearest.length === 1 ? 'is' : 'are'} not there. ` +
        `Expected: ${expected[best]!.join(', ')}.`,
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

function weights(
  role: 'teacher' | 'student',
  segmenter: SegmenterConfig | undefined,
  base: string,
): Finding[] {
  return (['checkpoint', 'init'] as const).flatMap((field): Finding[] => {
    const file = segmenter?.[field];
    if (file === undefined) return [];
    const path = [role, field];
    const found = resolve(base, file);
    const stat = lstatSync(found, { throwIfNoEntry: false });
    if (!stat)
      return [
        error(
          'checkpoint-missing',
          path,
          `There is no such file: ${found}. Write an absolute path, or one relative to the folder of this file` +
            `${field === 'checkpoint' ? '; a run keeps its best weights in .distill/runs/<run>/checkpoints/best/.' : '.'}`,
        ),
      ];
    if (stat.isFile()) return [];
    const what = stat.isSymbolicLink() ? 'a symbolic link, which is not followed for weights' : 'not a file';
    return [
      error(
        'checkpoint-broken',
        path,
        `${found} is ${what}. Give a file of weights: .safetensors, .pth, .pt, .pkl, or the model.json of TensorFlow.js.`,
      ),
    ];
  });
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
function classCount({ dataset }: Config, base: string): number | undefined {
  const { classes } = datasetFacts(dataset);
  if (classes !== undefined || dataset.root === undefined) return classes;
  try {
    const listed: unknown = JSON.parse(readFileSync(resolve(base, dataset.root, 'classes.json'), 'utf8'));
    return Array.isArray(listed) ? listed.length : undefined;
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
