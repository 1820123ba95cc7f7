import { basename, join, resolve } from 'node:path';
import { commands, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { hindering } from '../../protocol/dataset-report';
import { datasetFacts, datasetKinds } from '../../protocol/datasets';
import { readManifest } from '../../run/manifest';
import type { KnownRun } from '../runs/store';
import type { DatasetRow } from './dataset-rows';
import { verdictText } from './dataset-text';
import type { Datasets, KnownDataset } from './datasets';
import { datasetKey } from './find-datasets';
import { openOrReveal } from './open-file';
import type { SamplePanels } from './sample-panels';

/** What the commands of the Datasets view work with. */
export interface DatasetParts {
  readonly datasets: Datasets;
  readonly samples: SamplePanels;
}

/** `distillation.checkDataset` and `distillation.checkDatasetFully`. */
export async function checkDataset(
  { datasets }: DatasetParts,
  full: boolean,
  argument: unknown,
): Promise<void> {
  const dataset = await chosen(datasets, argument, l10n.t('Check which dataset?'));
  if (!dataset) return;
  const report = await window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: l10n.t('Checking {0}', dataset.title),
      cancellable: true,
    },
    async (progress, token) => {
      let told = 0;
      return await datasets.check(dataset.key, full, {
        token,
        onProgress: ({ done, total }) => {
          if (total === 0) return;
          progress.report({
            message: l10n.t('{0} of {1}', done, total),
            increment: (100 * (done - told)) / total,
          });
          told = done;
        },
      });
    },
  );
  if (!report) return;
  await commands.executeCommand('distillation.datasets.focus');
  // The view shows it; words are needed only where a run would fail.
  if (report.unusable || hindering(report) > 0)
    void window.showWarningMessage(
      l10n.t('{0}: {1}. The Datasets view lists the files.', report.title, verdictText(report)),
    );
}

/** `distillation.browseSamples`: on a dataset, on a sample with a problem, or on a run. */
export async function browseSamples({ datasets, samples }: DatasetParts, argument: unknown): Promise<void> {
  const row = argument as DatasetRow | KnownRun | undefined;
  // A row of the Runs view, or the folder of a run, which its panel tells.
  const run =
    row?.kind === 'run'
      ? row.folder
      : typeof argument === 'string' && !datasets.get(argument)
        ? argument
        : undefined;
  const of = run === undefined ? argument : await datasetOfRun(datasets, run);
  const dataset = await chosen(datasets, of, l10n.t('Browse the samples of which dataset?'));
  if (!dataset) return;
  const at = row?.kind === 'problem' ? { split: row.problem.split, name: row.problem.id } : undefined;
  samples.open(dataset.key, at);
}

/** `distillation.addDataset`: a folder that no configuration names yet. */
export async function addDataset({ datasets }: DatasetParts, argument: unknown): Promise<void> {
  const folder = argument instanceof Uri ? argument : await pickFolder();
  if (!folder) return;
  const root = folder.fsPath;
  const kind = datasets.recognise(root) ?? (await pickKind(root));
  if (!kind) return;
  await datasets.add({ kind, convention: undefined, root });
  await commands.executeCommand('distillation.datasets.focus');
}

/** `distillation.removeDataset`: out of the list; the folder stays as it is. */
export async function removeDataset({ datasets }: DatasetParts, argument: unknown): Promise<void> {
  const added = datasets.all.filter((dataset) => dataset.added);
  if (added.length === 0)
    throw new Error(
      l10n.t('No dataset was added here; those that configurations name are listed as long as they do.'),
    );
  const dataset = await chosen(datasets, argument, l10n.t('Remove which dataset from the list?'), added);
  if (dataset) await datasets.remove(dataset.key);
}

/** `distillation.openDatasetProblem`: the file it is about, where it can be looked at. */
export async function openDatasetProblem(argument: unknown): Promise<void> {
  const row = argument as DatasetRow | undefined;
  if (row?.kind === 'problem') await openOrReveal(row.problem.file);
}

/** What a run was trained on; listed from then on if no configuration names it any more. @returns its key */
async function datasetOfRun(datasets: Datasets, folder: string): Promise<string> {
  const { config, base } = readManifest(folder);
  const { kind, convention, root } = config.dataset;
  const home = join(folder, '..', '..', 'datasets', 'sample');
  const dataset = { kind, convention, root: root === undefined ? home : resolve(base, root) };
  const key = datasetKey(dataset);
  return datasets.get(key) ? key : await datasets.add(dataset);
}

async function pickFolder(): Promise<Uri | undefined> {
  const picked = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: l10n.t('Dataset folder'),
    openLabel: l10n.t('Add'),
  });
  return picked?.[0];
}

/** A folder whose layout is not known: checking it as what it is meant to be says what is missing. */
async function pickKind(root: string): Promise<KnownDataset['kind'] | undefined> {
  const picked = await window.showQuickPick(
    datasetKinds
      .filter((kind) => kind !== 'sample')
      .map((kind) => {
        const { title, expected } = datasetFacts({ kind });
        return {
          layout: kind,
          label: title,
          detail: l10n.t('Expected there: {0}', expected[0]?.join(', ') ?? ''),
        };
      }),
    { title: l10n.t('{0} has none of the known layouts. What is it meant to be?', basename(root)) },
  );
  return picked?.layout;
}

/** The dataset of a row, a key, or one that is picked. */
async function chosen(
  datasets: Datasets,
  argument: unknown,
  title: string,
  offered: readonly KnownDataset[] = datasets.all,
): Promise<KnownDataset | undefined> {
  const key =
    typeof argument === 'string'
      ? argument
      : (argument as { dataset?: KnownDataset } | undefined)?.dataset?.key;
  if (key !== undefined) return datasets.get(key);
  if (offered.length === 0)
    throw new Error(
      l10n.t('No dataset is known here. Add its folder in the Datasets view, or name it in a configuration.'),
    );
  if (offered.length === 1) return offered[0];
  const picked = await window.showQuickPick(
    offered.map((dataset) => ({
      dataset,
      label: dataset.title,
      description: workspace.asRelativePath(dataset.root),
    })),
    { title, matchOnDescription: true },
  );
  return picked?.dataset;
}
