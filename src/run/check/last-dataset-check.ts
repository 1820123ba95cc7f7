import { resolve } from 'node:path';
import type { Config } from '../../protocol/config';
import { hindering } from '../../protocol/dataset-report';
import { datasetReportFile } from '../dataset-reports';
import type { Files } from './files';
import { set, warning } from './say';
import type { Finding } from './schema-findings';

/**
 * What the last check of the dataset found, as far as a run would stop at it. Warnings only: the files may have been
 * replaced since, and the run looks at them again before it starts.
 */
export function lastDatasetCheck({ dataset }: Config, base: string, files: Files): Finding[] {
  const { kind, convention, root, onProblem } = dataset;
  if (root === undefined) return [];
  const report = files.datasetReport(datasetReportFile({ kind, convention, root: resolve(base, root) }));
  if (!report) return [];
  const count = hindering(report);
  const when = new Date(report.checkedAt).toISOString().slice(0, 10);
  if (report.unusable)
    return [warning(['dataset', 'root'], `The check of ${when} says of this dataset: ${report.unusable}`)];
  if (count === 0 || onProblem === 'skip') return [];
  const first = report.problems[0];
  return [
    warning(
      ['dataset', 'root'],
      `The check of ${when} found ${count} ${count === 1 ? 'problem' : 'problems'} in this dataset${first ? `, first ${first.file}: ${first.what}` : '.'} ` +
        'A run stops at it. Replace the files, or leave such samples out with "onProblem": "skip".',
      set(['dataset', 'onProblem'], 'skip'),
    ),
  ];
}
