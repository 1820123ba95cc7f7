import { l10n, window } from 'vscode';
import type { App } from '../app';
import { foldersOf } from '../views/run-argument';
import { runItem } from './pick-run';

/** Compares the runs that are selected; asks which if fewer than two are. */
export async function compareRuns(app: App, argument: unknown, selected?: unknown): Promise<void> {
  const given = foldersOf(argument, selected).filter((folder) => app.store.get(folder)?.kind === 'run');
  const folders = given.length >= 2 ? given : await pickRuns(app, given[0]);
  if (folders.length >= 2) app.comparisons.open(folders);
  else if (folders.length === 1)
    void window.showInformationMessage(l10n.t('Choose two runs or more to compare them.'));
}

async function pickRuns(app: App, first: string | undefined): Promise<string[]> {
  const runs = app.store.summaries;
  if (runs.length < 2) {
    void window.showInformationMessage(l10n.t('There are not two runs to compare yet.'));
    return [];
  }
  const picked = await window.showQuickPick(
    runs.map((run) => ({ ...runItem(run), folder: run.folder, picked: run.folder === first })),
    {
      title: l10n.t('Compare which runs?'),
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  return picked?.map(({ folder }) => folder) ?? [];
}
