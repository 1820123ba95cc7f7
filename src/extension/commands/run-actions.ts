import { basename, dirname } from 'node:path';
import { commands, env, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { App } from '../app';
import { isActive, isPausable, isResumable } from '../text';
import { folderOf, foldersOf } from '../views/run-argument';
import { pickRun } from './pick-run';
import { isTrusted } from './start';

export async function stopRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: isActive,
    title: l10n.t('Stop which run?'),
    none: l10n.t('Nothing is running.'),
  });
  if (!run || !isActive(run)) return;
  if (app.stopping.stop(run.folder) === 'asked')
    window.setStatusBarMessage(l10n.t('Stopping {0} after this step …', run.name), 5000);
}

export async function pauseRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: isPausable,
    title: l10n.t('Pause which run?'),
    none: l10n.t('Nothing is running.'),
  });
  if (!run || !isPausable(run)) return;
  app.trainings.pause(run.folder);
  window.setStatusBarMessage(l10n.t('Pausing {0} after this step …', run.name), 5000);
}

export async function continueRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: ({ status }) => status === 'paused',
    title: l10n.t('Go on with which run?'),
    none: l10n.t('No run is paused.'),
  });
  if (run) app.trainings.continue(run.folder);
}

export async function resumeRun(app: App, argument: unknown): Promise<void> {
  if (!(await isTrusted())) return;
  const run = await pickRun(app, argument, {
    fits: isResumable,
    title: l10n.t('Resume which run?'),
    none: l10n.t('There is no run that was stopped, failed or crashed.'),
  });
  if (!run) return;
  await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Resuming {0}', run.name) },
    async () => await app.trainings.resume(run.folder),
  );
  app.panels.open(run.folder);
}

export async function openRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Open which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (run) app.panels.open(run.folder);
}

export async function openRunConfiguration(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Open the configuration of which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  const known = run && app.store.get(run.folder);
  if (known?.kind !== 'run') return;
  // The file may have been changed or deleted since; what the run was started with is in run.json.
  const uri = known.configFile === undefined ? undefined : Uri.file(known.configFile);
  const exists =
    uri &&
    (await workspace.fs.stat(uri).then(
      () => true,
      () => false,
    ));
  await window.showTextDocument(exists ? uri : Uri.joinPath(Uri.file(known.folder), 'run.json'));
}

export async function revealRun(app: App, argument: unknown): Promise<void> {
  const folder =
    folderOf(argument) ??
    (
      await pickRun(app, undefined, {
        fits: () => true,
        title: l10n.t('Reveal which run?'),
        none: l10n.t('There are no runs in this workspace yet.'),
      })
    )?.folder;
  if (folder === undefined) return;
  const manifest = Uri.joinPath(Uri.file(folder), 'run.json');
  // A file manager exists only on the machine where the window is.
  await commands.executeCommand(
    env.remoteName === undefined ? 'revealFileInOS' : 'revealInExplorer',
    manifest,
  );
}

/** A folder that cannot be read can be deleted as well. */
export async function deleteRun(app: App, argument: unknown, selected?: unknown): Promise<void> {
  const many = foldersOf(argument, selected);
  if (many.length > 1) return await deleteRuns(app, many);
  const given = folderOf(argument);
  const known =
    given === undefined
      ? await pickRun(app, undefined, {
          fits: (run) => !isActive(run),
          title: l10n.t('Delete which run?'),
          none: l10n.t('There is no run that could be deleted.'),
        })
      : await app.store.refresh(given);
  if (!known) return;
  const { folder } = known;
  const remove = l10n.t('Delete');
  const choice = await window.showWarningMessage(
    l10n.t('Delete the run {0}?', basename(folder)),
    {
      modal: true,
      detail: l10n.t(
        'Its folder goes from the disk with its journal, checkpoints and pictures. This cannot be undone.',
      ),
    },
    remove,
  );
  if (choice === remove) await deleteRunFolder(app, folder);
}

async function deleteRuns(app: App, folders: readonly string[]): Promise<void> {
  const remove = l10n.t('Delete');
  const choice = await window.showWarningMessage(
    l10n.t('Delete {0} runs?', folders.length),
    {
      modal: true,
      detail: `${folders.map((folder) => basename(folder)).join('\n')}\n\n${l10n.t(
        'Their folders go from the disk with their journals, checkpoints and pictures. This cannot be undone.',
      )}`,
    },
    remove,
  );
  if (choice !== remove) return;
  for (const folder of folders) await deleteRunFolder(app, folder);
}

/** Refuses while a process trains the run; asked of the folder itself, not of what the view last knew. */
export async function deleteRunFolder(app: App, folder: string): Promise<void> {
  const known = await app.store.refresh(folder);
  // Whoever calls the command may give any path; only folders that hold a run go.
  if (!known || !/[\\/]\.distill[\\/]runs$/.test(dirname(folder)))
    throw new Error(l10n.t('{0} is not a run of this workspace.', folder));
  if (known.kind === 'run' && isActive(known.summary))
    throw new Error(l10n.t('{0} is running. Stop it first.', known.summary.name));
  await workspace.fs.delete(Uri.file(folder), { recursive: true });
  await app.store.scan();
}
