import type { DatasetConfig } from '../../protocol/config';
import {
  type CheckProgress,
  type DatasetProblem,
  type DatasetProblemCode,
  type DatasetReport,
  datasetProblemCodeSchema,
  type SplitName,
  type SplitReport,
} from '../../protocol/dataset-report';
import { datasetFacts } from '../../protocol/datasets';
import type { DatasetLayout, SampleFiles } from '../datasets/layout';
import { emptySplit } from '../file-dataset';
import type { CheckCache } from './cache';
import { type CheckJob, examineAll } from './jobs';
import { layoutProblems, pairProblems } from './problems';
import { isUnreadable, type PairRecord } from './record';
import { Tally } from './tally';

/** A quick check opens at most so many pairs of a split, and decodes so many of these; evenly spread. */
const QUICK = { opened: 2000, decoded: 24 };
/** Problems of one code that a report lists; all are counted. */
const LISTED = 400;

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

export interface CheckOptions {
  /** Decode every file, not a sample of them. */
  full: boolean;
  /** Ends the check; what was found until then is in the cache. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: CheckProgress) => void) | undefined;
  /** Threads; see `examineAll`. */
  workers?: number | undefined;
}

/** What a dataset was asked for as, and where. */
export interface CheckedAs extends Pick<DatasetConfig, 'kind' | 'convention'> {
  /** Absolute. */
  root: string;
}

/**
 * Everything that can be told about a dataset: pairs, files, sizes, label values, class frequencies, mean and deviation.
 * Decoded files are remembered in the cache. Errors: the signal's reason; io when a thread died.
 */
export async function checkDataset(
  as: CheckedAs,
  layout: DatasetLayout,
  cache: CheckCache,
  { full, signal, onProgress, workers }: CheckOptions,
): Promise<DatasetReport> {
  const began = Date.now();
  const places = SPLITS.flatMap((split) => plan(split, layout.samples[split], full));
  const jobs = places.map(({ files, decode }): CheckJob => {
    const { image, label } = files;
    const known = cache.get(files);
    // What could not be read is tried again each time: it may have been the disk.
    const kept = known && !isUnreadable(known) ? known.stamp : undefined;
    return { image, label, full: decode || (known !== undefined && !kept), known: kept };
  });
  const records: PairRecord[] = [];
  let done = 0;
  const text = full ? 'Reading every file' : 'Looking at the files';
  if (jobs.length > 0) onProgress?.({ text, done, total: jobs.length });
  try {
    await examineAll(
      jobs,
      (index, answer) => {
        const record = answer === 'same' ? cache.get(jobs[index]!)! : answer;
        records[index] = record;
        if (answer !== 'same' && jobs[index]!.full) cache.add(record);
        onProgress?.({ text, done: ++done, total: jobs.length });
      },
      { signal, workers },
    );
    if (full) cache.forgetGone(jobs);
  } finally {
    cache.flush();
  }

  const problems = layoutProblems(layout);
  const splits = SPLITS.flatMap((split): SplitReport[] => {
    const pairs = layout.samples[split].length;
    const official = datasetFacts(as).sizes?.[split] ?? null;
    // Few releases publish the labels of their test split.
    if (split === 'test' && pairs === 0) return [];
    const tally = new Tally(layout.classes.length, layout.labels);
    let [opened, wrong] = [0, 0];
    for (const [i, { files, split: of }] of places.entries()) {
      if (of !== split) continue;
      const found = pairProblems({ split, id: files.id }, records[i]!, layout.labels);
      problems.push(...found);
      if (found.length > 0) wrong++;
      opened++;
      tally.add(records[i]!);
    }
    const statistics = tally.result();
    const decoded = statistics.samples;
    return [{ split, pairs, usable: pairs - wrong, official, opened, decoded, statistics }];
  });

  const unusable = splits.find(({ split, usable }) => split !== 'test' && usable === 0);
  const { kind, convention } = as;
  return {
    version: 1,
    kind,
    ...(convention && { convention }),
    root: as.root,
    folder: layout.root,
    title: datasetFacts(as).title,
    classes: layout.classes,
    splits,
    ...listed(problems),
    unusable: unusable ? emptySplit(layout.root, unusable.split).message : null,
    full,
    checkedAt: Date.now(),
    ms: Date.now() - began,
  };
}

function plan(split: SplitName, samples: readonly SampleFiles[], full: boolean) {
  const all = samples.map((files) => ({ split, files, decode: full }));
  if (full) return all;
  const opened = spread(all, QUICK.opened);
  const decode = new Set(spread(opened, QUICK.decoded));
  return opened.map((place) => ({ ...place, decode: decode.has(place) }));
}

/** At most `most` of a list, evenly spread over it, in its order. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!);
}

/** The worst codes first, in the order of the samples. */
function listed(problems: readonly DatasetProblem[]): Pick<DatasetReport, 'problems' | 'counts'> {
  const counts: Partial<Record<DatasetProblemCode, number>> = {};
  const shown = datasetProblemCodeSchema.options.flatMap((code) => {
    const those = problems.filter((p) => p.code === code);
    if (those.length > 0) counts[code] = those.length;
    return those.slice(0, LISTED);
  });
  return { problems: shown, counts };
}
