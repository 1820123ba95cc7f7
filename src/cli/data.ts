import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CheckCache } from '../data/check/cache';
import { type CheckedAs, checkDataset } from '../data/check/check';
import { layoutOf } from '../data/open';
import type { DatasetConfig } from '../protocol/config';
import { datasetSchema } from '../protocol/config-dataset';
import { hindering } from '../protocol/dataset-report';
import { datasetFacts, datasetKinds, recogniseDataset } from '../protocol/datasets';
import { DistillError, describeIoError } from '../protocol/errors';
import { writeDatasetReport } from '../run/dataset-reports';
import { type Command, oneOf, parse, usage } from './command';
import { CountProgress } from './count-progress';
import { serveSamples } from './data-serve';
import { describeDataset } from './data-text';

const help = `Checks a dataset: pairs, files, sizes, class ids, class frequencies, mean and deviation.

Usage: distill data check ROOT [options]

Without --full the folders are listed and paired, headers of up to 2000 files of a split are read, and 24 of its samples
are decoded. With --full every file is decoded; what was found in a file is remembered until the file changes.

Options:
  --full             decode every file
  --dataset KIND     ${datasetSchema.shape.kind.options.join(', ')}
                     (default: told by the folders that are there)
  --convention N     classes of coco-stuff-164k: 182 (default) or 171
  --fresh            forget what is remembered of the files
  --problems N       name so many problems of a kind (default 10)
  --json             print everything as JSON

Ctrl-C ends a check; what was found until then is kept, and the next one goes on from there.
Exit status: 0 it can be used as it is, 1 a run would stop at it, 130 ended.`;

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

export const data: Command = {
  summary: 'check a dataset: pairs, files, class ids, statistics',
  help,
  async run([action, ...args]) {
    if (action === 'check') return await check(args);
    // For the sample browser, which starts it with a channel.
    if (action === 'serve') return await serve(args);
    throw usage(action === undefined ? 'What? "distill data check ROOT".' : `There is no "data ${action}".`);
  },
};

async function check(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    full: { type: 'boolean', default: false },
    dataset: { type: 'string' },
    convention: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    problems: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  });
  const named = Number(values.problems);
  if (!Number.isInteger(named) || named < 0)
    throw usage(`--problems is a whole number, not "${values.problems}".`);
  const as = datasetOf(positionals, values);
  const layout = await opened(as);
  const cache = CheckCache.open(layout.root);
  if (values.fresh) cache.forget();
  const controller = new AbortController();
  const end = () => controller.abort();
  // A window that started this and is gone, or that wants it ended, closes the channel: that works on Windows as well.
  const signals = ['SIGINT', 'SIGTERM', 'disconnect'] as const;
  for (const signal of signals) process.on(signal, end);
  const progress = new CountProgress(process.stderr, values.json);
  try {
    const report = await checkDataset(as, layout, cache, {
      full: values.full,
      signal: controller.signal,
      onProgress: (step) => progress.show(step),
    });
    progress.close();
    writeDatasetReport(report);
    console.log(values.json ? JSON.stringify(report) : describeDataset(report, named));
    return hindering(report) > 0 || report.unusable ? 1 : 0;
  } catch (error) {
    progress.close();
    if (!controller.signal.aborted) throw error;
    console.error(
      values.full ? 'Ended. What was read is remembered: the next check goes on from there.' : 'Ended.',
    );
    return INTERRUPTED;
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

async function serve(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    dataset: { type: 'string' },
    convention: { type: 'string' },
  });
  const as = datasetOf(positionals, values);
  await serveSamples(as, await opened(as));
  return 0;
}

async function opened(as: CheckedAs) {
  try {
    return await layoutOf(as, as.root);
  } catch (error) {
    throw describeIoError(error, as.root);
  }
}

function datasetOf(
  positionals: string[],
  values: { dataset?: string | undefined; convention?: string | undefined },
): CheckedAs {
  const [given, ...rest] = positionals;
  if (rest.length > 0) throw usage(`One folder at a time; "${rest[0]}" is one too many.`);
  const kind = values.dataset === undefined ? undefined : oneOf('dataset', values.dataset, datasetKinds);
  if (given === undefined && kind !== 'sample') throw usage('Which folder?');
  const root = resolve(given ?? join('.distill', 'datasets', 'sample'));
  const convention =
    values.convention === undefined ? undefined : oneOf('convention', values.convention, ['182', '171']);
  const found = kind ?? recognised(root);
  if (convention && found !== 'coco-stuff-164k') throw usage('--convention belongs to coco-stuff-164k.');
  return { kind: found, root, convention };
}

function recognised(root: string): DatasetConfig['kind'] {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new DistillError('dataset-missing', 'This folder does not exist.', {
      where: root,
      remedy: 'Give the folder that holds the dataset.',
    });
  const kind = recogniseDataset((path) => existsSync(join(root, path)));
  if (kind) return kind;
  const layouts = datasetKinds
    .filter((k) => k !== 'sample')
    .map((k) => `  ${k}: ${datasetFacts({ kind: k }).expected[0]!.join(', ')}`);
  throw new DistillError('dataset-missing', 'No known dataset layout is here.', {
    where: root,
    remedy: `Give the folder that holds one of these, or say what it is with --dataset to learn what is missing:\n${layouts.join('\n')}`,
  });
}
