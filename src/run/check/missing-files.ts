import { join, resolve } from 'node:path';
import type { Config, SegmenterConfig } from '../../protocol/config';
import { datasetFacts, datasetKinds } from '../../protocol/datasets';
import type { ErrorCode } from '../../protocol/errors';
import type { ConfigEdit } from '../document/edit';
import type { Files } from './files';
import { remove, set } from './say';
import type { Finding } from './schema-findings';

/** Written by samples/write.ts into a complete set. */
const SAMPLE_MARKER = 'sample.json';

/** What a configuration names and the disk does not have. Relative paths start from `base`. */
export function missingFiles(config: Config, base: string, files: Files): Finding[] {
  return [
    ...dataset(config, base, files),
    ...weights('teacher', config.teacher, base, files),
    ...weights('student', config.student, base, files),
    ...classWeights(config, base, files),
  ];
}

function dataset(config: Config, base: string, files: Files): Finding[] {
  const { kind, root } = config.dataset;
  if (kind === 'sample') return sampleFolder(root, base, files);
  if (root === undefined)
    return [
      error(
        'dataset-missing',
        ['dataset', 'root'],
        `A dataset of kind "${kind}" needs "root", the folder that holds it.`,
        set(['dataset', 'root'], `data/${kind}`),
        set(['dataset', 'kind'], 'sample'),
      ),
    ];
  const folder = resolve(base, root);
  const found = files.kind(folder);
  if (found === 'unknown') return [];
  if (found !== 'folder')
    return [
      error(
        'dataset-missing',
        ['dataset', 'root'],
        `There is no such folder: ${folder}. Write an absolute path, or one relative to the folder of this file.`,
      ),
    ];
  const { expected } = datasetFacts(config.dataset);
  const absent = expected.map((parts) =>
    parts.filter((part) => files.kind(join(folder, part)) === 'missing'),
  );
  if (absent.length === 0 || absent.some((parts) => parts.length === 0)) return [];
  // Of several ways to lay it out, the one that most of it is there of.
  const present = (i: number) => expected[i]!.length - absent[i]!.length;
  const best = absent.reduce((b, _, i) => (present(i) > present(b) ? i : b), 0);
  const nearest = absent[best]!;
  const others = kindsLike(folder, files);
  return [
    error(
      'dataset-missing',
      ['dataset', 'root'],
      `${folder} is no dataset of kind "${kind}": ${nearest.join(', ')} ${nearest.length === 1 ? 'is' : 'are'} not there. ` +
        `Expected: ${expected[best]!.join(', ')}.${others[0] ? ` It looks like "${others[0]}".` : ''}`,
      ...others.map((other) => set(['dataset', 'kind'], other)),
    ),
  ];
}

/** The kinds of dataset of which everything by which they are known lies in a folder. */
function kindsLike(folder: string, files: Files): Config['dataset']['kind'][] {
  const there = (part: string) => ['file', 'folder'].includes(files.kind(join(folder, part)));
  return datasetKinds.filter((kind) => datasetFacts({ kind }).expected.some((parts) => parts.every(there)));
}

/** The sample scenes are made where they are asked for, unless something else lies there. */
function sampleFolder(root: string | undefined, base: string, files: Files): Finding[] {
  if (root === undefined) return [];
  const folder = resolve(base, root);
  if (files.kind(folder) === 'missing' || files.kind(join(folder, SAMPLE_MARKER)) !== 'missing') return [];
  return [
    error(
      'dataset-missing',
      ['dataset', 'root'],
      `${folder} holds something else than the sample scenes. Name a folder that does not exist yet, remove "root", ` +
        'or set "kind" to "folder" or "camvid" if it is a dataset.',
      ...kindsLike(folder, files).map((kind) => set(['dataset', 'kind'], kind)),
      remove(['dataset', 'root']),
    ),
  ];
}

function weights(
  role: 'teacher' | 'student',
  segmenter: SegmenterConfig | undefined,
  base: string,
  files: Files,
): Finding[] {
  return (['checkpoint', 'init'] as const).flatMap((field): Finding[] => {
    const file = segmenter?.[field];
    if (file === undefined) return [];
    const path = [role, field];
    const found = resolve(base, file);
    const link = files.isLink(found);
    const kind = files.kind(found);
    if (kind === 'missing' && !link)
      return [
        error(
          'checkpoint-missing',
          path,
          `There is no such file: ${found}. Write an absolute path, or one relative to the folder of this file` +
            `${field === 'checkpoint' ? '; a run keeps its best weights in .distill/runs/<run>/checkpoints/best/.' : '.'}`,
          remove(path),
        ),
      ];
    if ((kind === 'file' && !link) || kind === 'unknown') return [];
    const what = link ? 'a symbolic link, which is not followed for weights' : 'not a file';
    return [
      error(
        'checkpoint-broken',
        path,
        `${found} is ${what}. Give a file of weights: .safetensors, .pth, .pt, .pkl, or the model.json of TensorFlow.js.`,
      ),
    ];
  });
}

function classWeights(config: Config, base: string, files: Files): Finding[] {
  const classes = classCount(config, base, files);
  if (classes === undefined) return [];
  return config.methods.flatMap((method, i): Finding[] => {
    const weights = method.kind === 'rdd' ? method.tse.classWeights : undefined;
    if (!weights || weights.length === classes) return [];
    return [
      error(
        'config-invalid',
        ['methods', i, 'tse', 'classWeights'],
        `${weights.length} class weights for a dataset of ${classes} classes. Give one weight per class, in the order of the class ids.`,
        remove(['methods', i, 'tse', 'classWeights']),
      ),
    ];
  });
}

/** Undefined where it cannot be told without opening the dataset. */
export function classCount(
  { dataset }: Pick<Config, 'dataset'>,
  base: string,
  files: Files,
): number | undefined {
  const { classes } = datasetFacts(dataset);
  return classes ?? (dataset.root === undefined ? undefined : files.classes(resolve(base, dataset.root)));
}

function error(code: ErrorCode, path: (string | number)[], message: string, ...fixes: ConfigEdit[]): Finding {
  return { severity: 'error', code, message, path, fixes };
}
