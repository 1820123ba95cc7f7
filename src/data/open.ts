import { join, resolve } from 'node:path';
import { ensureSampleDataset } from '../../samples/write';
import type { DatasetConfig } from '../protocol/config';
import { DistillError, describeIoError } from '../protocol/errors';
import type { Dataset } from './dataset';
import { ade20kLayout } from './datasets/ade20k';
import { camvidLayout } from './datasets/camvid';
import { cityscapesLayout } from './datasets/cityscapes';
import { cocoStuff10kLayout } from './datasets/coco-stuff-10k';
import { cocoStuff164kLayout } from './datasets/coco-stuff-164k';
import { folderLayout } from './datasets/folder';
import type { DatasetLayout } from './datasets/layout';
import { vocLayout } from './datasets/voc';
import { FileDataset } from './file-dataset';

/**
 * Opens the dataset of a configuration. `base`: absolute folder that a relative `root` starts from; the sample scenes
 * are made in `base/.distill/datasets/sample` when they are asked for without a root.
 * Errors: dataset-missing, dataset-empty, dataset-pair (under `onProblem: stop`), io, disk-full.
 */
export async function openDataset(config: DatasetConfig, base: string): Promise<Dataset> {
  const root = resolve(base, config.root ?? join('.distill', 'datasets', 'sample'));
  try {
    return new FileDataset(await layoutOf(config, root), config.onProblem, config.cacheMiB);
  } catch (error) {
    throw describeIoError(error, root);
  }
}

/**
 * Where the files of a dataset lie and what their values mean; no picture is opened. `root`: absolute.
 * Errors: dataset-missing, dataset-empty, dataset-pair (a broken list).
 */
export async function layoutOf(
  config: Pick<DatasetConfig, 'kind' | 'root' | 'convention'>,
  root: string,
): Promise<DatasetLayout> {
  const { kind } = config;
  if (kind === 'sample') {
    await ensureSampleDataset(root);
    return folderLayout(root, 'sample');
  }
  if (config.root === undefined)
    throw new DistillError('dataset-missing', `A dataset of kind "${kind}" needs a folder.`, {
      where: 'dataset.root',
      remedy: 'Set dataset.root to the folder that holds it.',
    });
  switch (kind) {
    case 'folder':
      return folderLayout(root, 'folder');
    case 'cityscapes':
      return cityscapesLayout(root);
    case 'camvid':
      return camvidLayout(root);
    case 'voc':
      return vocLayout(root);
    case 'ade20k':
      return ade20kLayout(root);
    case 'coco-stuff-10k':
      return cocoStuff10kLayout(root);
    case 'coco-stuff-164k':
      return cocoStuff164kLayout(root, config.convention === '171' ? 171 : 182);
    default:
      return kind satisfies never;
  }
}
