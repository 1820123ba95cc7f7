import { join, resolve } from 'node:path';
import { ensureSampleDataset } from '../../samples/write';
import type { DatasetConfig } from '../protocol/config';
import { DistillError, describeIoError } from '../protocol/errors';
import type { Dataset } from './dataset';
import { camvidLayout } from './datasets/camvid';
import { folderLayout } from './datasets/folder';
import type { DatasetLayout } from './datasets/layout';
import { FileDataset } from './file-dataset';

/**
 * Opens the dataset of a configuration. `base`: absolute folder that a relative `root` starts from; the sample scenes
 * are made in `base/.distill/datasets/sample` when they are asked for without a root.
 * Errors: dataset-missing, dataset-empty, dataset-pair (under `onProblem: stop`), io, disk-full.
 */
export async function openDataset(config: DatasetConfig, base: string): Promise<Dataset> {
  const root = resolve(base, config.root ?? join('.distill', 'datasets', 'sample'));
  try {
    return new FileDataset(await layoutOf(config, root), config.onProblem);
  } catch (error) {
    throw describeIoError(error, root);
  }
}

async function layoutOf(config: DatasetConfig, root: string): Promise<DatasetLayout> {
  switch (config.kind) {
    case 'sample':
      await ensureSampleDataset(root);
      return folderLayout(root, 'sample');
    case 'camvid':
      requireRoot(config);
      return camvidLayout(root);
    case 'folder':
      requireRoot(config);
      return folderLayout(root, 'folder');
    default:
      return config.kind satisfies never;
  }
}

function requireRoot(config: DatasetConfig): void {
  if (config.root === undefined)
    throw new DistillError('dataset-missing', `A dataset of kind "${config.kind}" needs a folder.`, {
      where: 'dataset.root',
      remedy: 'Set dataset.root to the folder that holds it.',
    });
}
