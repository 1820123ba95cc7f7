import type { DatasetProblem, SplitName } from '../../protocol/dataset-report';
import { DistillError } from '../../protocol/errors';
import type { Dataset } from '../dataset';
import { emptySplit } from '../file-dataset';
import { CheckCache } from './cache';
import { stampOf } from './pair';
import { pairProblems } from './problems';
import { sameStamp } from './record';

/** Samples that one sentence names. */
const NAMED = 3;

/**
 * Before a run: what the last full check found in files that are still the same. Under `onProblem: skip` these samples
 * are left out from the start; the draws of the others do not depend on when that is noticed. Under `stop` the run is
 * refused now rather than in the middle. Reads the cache and asks the file system about the files concerned alone.
 * Errors: the code of the first problem (`stop`); dataset-empty if a split has no other sample.
 */
export function heedLastCheck(dataset: Dataset, cacheFile?: string): void {
  const known = knownProblems(dataset, cacheFile);
  const [first] = known;
  if (!first) return;
  const left = known.filter(({ split, index, problem }) => !dataset.leaveOut(split, index, asError(problem)));
  if (left.length > 0) throw refusal(left.map(({ problem }) => problem));
  for (const split of ['train', 'val'] satisfies SplitName[])
    if (dataset.ids(split).every((_, index) => dataset.leavesOut(split, index)))
      throw emptySplit(dataset.root, split);
}

function knownProblems(
  { layout }: Dataset,
  cacheFile?: string,
): { split: SplitName; index: number; problem: DatasetProblem }[] {
  if (!layout) return [];
  const cache = CheckCache.open(layout.root, cacheFile);
  if (cache.size === 0) return [];
  return (['train', 'val'] satisfies SplitName[]).flatMap((split) =>
    layout.samples[split].flatMap((files, index) => {
      const record = cache.get(files);
      const [problem] = record ? pairProblems({ split, id: files.id }, record, layout.labels) : [];
      return record && problem && sameStamp(record.stamp, stampOf(files)) ? [{ split, index, problem }] : [];
    }),
  );
}

function asError({ code, what, file, remedy }: DatasetProblem): DistillError {
  // A label map without image concerns no sample; it never comes from a pair.
  return new DistillError(code === 'label-without-image' ? 'dataset-pair' : code, what, {
    where: file,
    remedy,
  });
}

function refusal(problems: readonly DatasetProblem[]): DistillError {
  const [first] = problems;
  const named = problems.slice(0, NAMED).map(({ file, what }) => `${file}: ${what}`);
  const more = problems.length - named.length;
  return new DistillError(
    asError(first!).code,
    `${problems.length} ${problems.length === 1 ? 'sample' : 'samples'} of the dataset cannot be used:\n${named.join('\n')}${more > 0 ? `\nand ${more} more.` : ''}\n`,
    {
      remedy:
        'Replace these files ("distill data check" lists them all), or set dataset.onProblem to "skip" to leave them out.',
    },
  );
}
