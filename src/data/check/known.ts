import type { DatasetProblem, SplitName } from '../../protocol/dataset-report';
import { DistillError } from '../../protocol/errors';
import type { Dataset } from '../dataset';
import { emptySplit } from '../file-dataset';
import { CheckCache } from './cache';
import { examinePair, stampOf } from './pair';
import { pairProblems } from './problems';
import { isUnreadable, sameStamp } from './record';

/** Samples that one sentence names. */
const NAMED = 3;

/**
 * Before a run: what the last full check found in files that are still the same. Under `onProblem: skip` these samples
 * are left out from the start; the draws of the others do not depend on when that is noticed. Under `stop` the run is
 * refused now rather than in the middle. Reads the cache, and of the files only those
 * that could not be read.
 * Errors: the code of the first problem (`stop`); dataset-empty if a split has no other sample.
 */
export async function heedLastCheck(dataset: Dataset, cacheFile?: string): Promise<void> {
  const known = await knownProblems(dataset, cacheFile);
  const [first] = known;
  if (!first) return;
  const left = known.filter(({ split, index, problem }) => !dataset.leaveOut(split, index, asError(problem)));
  if (left.length > 0) throw refusal(left.map(({ problem }) => problem));
  for (const split of ['train', 'val'] satisfies SplitName[])
    if (dataset.ids(split).every((_, index) => dataset.leavesOut(split, index)))
      throw emptySplit(dataset.root, split);
}

interface KnownProblem {
  split: SplitName;
  index: number;
  problem: DatasetProblem;
}

async function knownProblems({ layout }: Dataset, cacheFile?: string): Promise<KnownProblem[]> {
  if (!layout) return [];
  const cache = CheckCache.open(layout.root, cacheFile);
  if (cache.size === 0) return [];
  const found: KnownProblem[] = [];
  for (const split of ['train', 'val'] satisfies SplitName[])
    for (const [index, files] of layout.samples[split].entries()) {
      const record = cache.get(files);
      if (!record) continue;
      const sample = { split, id: files.id };
      if (pairProblems(sample, record, layout.labels).length === 0) continue;
      if (!sameStamp(record.stamp, stampOf(files))) continue;
      // A disk that failed for a moment leaves files as they are: what could not be read is tried once more.
      const now = isUnreadable(record) ? await examinePair(files, true) : record;
      const [problem] = pairProblems(sample, now, layout.labels);
      if (problem) found.push({ split, index, problem });
    }
  return found;
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
