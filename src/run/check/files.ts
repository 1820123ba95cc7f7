import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openWeights } from '../../nn/weights/open';
import type { WeightTable } from '../../nn/weights/weight-file';
import type { DatasetReport } from '../../protocol/dataset-report';
import { DistillError } from '../../protocol/errors';
import { datasetReportIn } from '../dataset-reports';
import { autoEngine } from './auto-engine';

/** What lies at a path. `unknown`: nobody has looked yet, so that nothing can be said about it. */
export type PathKind = 'file' | 'folder' | 'other' | 'missing' | 'unknown';

/** The disk as checks see it. An editor looks ahead of time, so that no key press waits for a disk. */
export interface Files {
  /** Links are followed. */
  kind(path: string): PathKind;
  isLink(path: string): boolean;
  /** Number of classes that a dataset folder lists in `classes.json`; undefined where it does not. */
  classes(folder: string): number | undefined;
  /** What the last check of a dataset found, by the file that keeps it; undefined where there is none. */
  datasetReport(file: string): DatasetReport | undefined;
  /** What the engine `auto` opens, as far as it is known. */
  autoEngine(): 'wasm' | undefined;
  /** Names, shapes and metadata of a file of weights; undefined where it is not known. */
  weights(file: string): WeightTable | DistillError | undefined;
}

const MOST_CLASSES_BYTES = 2 ** 20;

export const disk: Files = {
  kind(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return 'missing';
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
  },
  isLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false,
  datasetReport: datasetReportIn,
  classes(folder) {
    const file = join(folder, 'classes.json');
    try {
      const stat = statSync(file);
      if (!stat.isFile() || stat.size > MOST_CLASSES_BYTES) return undefined;
      const listed: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return Array.isArray(listed) ? listed.length : undefined;
    } catch {
      return undefined;
    }
  },
  autoEngine,
  weights(file) {
    try {
      const { close, ...table } = openWeights(file);
      close();
      return table;
    } catch (error) {
      return error instanceof DistillError ? error : undefined;
    }
  },
};
