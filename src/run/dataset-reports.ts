import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from '../engine/cache-folder';
import type { DatasetConfig } from '../protocol/config';
import { type DatasetReport, datasetReportSchema } from '../protocol/dataset-report';
import { readIfPresent, writeWhole } from './files';

/** Which dataset a report is about: the same folder read as another kind is another dataset. */
export interface ReportKey extends Pick<DatasetConfig, 'kind' | 'convention'> {
  /** Absolute. */
  root: string;
}

/** Where the last report on a dataset lies, per user. */
export function datasetReportFile({ kind, convention, root }: ReportKey): string {
  const text = [kind, convention ?? '', resolve(root)].join('\n');
  const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
  return join(cacheFolder(), 'datasets', `${name}.report.json`);
}

/** What the last check found; undefined if there was none, or if another version wrote it. */
export function readDatasetReport(key: ReportKey): DatasetReport | undefined {
  return datasetReportIn(datasetReportFile(key));
}

/** The report in a file; undefined for anything else. */
export function datasetReportIn(file: string): DatasetReport | undefined {
  try {
    const bytes = readIfPresent(file);
    return bytes && datasetReportSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    // Not JSON, or not to be read: as good as none.
    return undefined;
  }
}

/** Errors: io, disk-full. */
export function writeDatasetReport(report: DatasetReport): void {
  const file = datasetReportFile(report);
  mkdirSync(dirname(file), { recursive: true });
  writeWhole(file, JSON.stringify(report));
}
