import { l10n, window } from 'vscode';
import { updateNotes } from '../../run/notes';
import type { App } from '../app';
import { foldersOf } from '../views/run-argument';
import { pickRun } from './pick-run';

/** What users say about runs: it lies beside each run, in `notes.json`. */

export async function renameRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Rename which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (!run) return;
  const name = await window.showInputBox({
    title: l10n.t('Rename {0}', run.name),
    prompt: l10n.t('Empty: the name it was started with. Its folder keeps its name.'),
    value: run.name,
    validateInput: (text) => (text.trim().length > 80 ? l10n.t('At most 80 characters.') : undefined),
  });
  if (name === undefined) return;
  updateNotes(run.folder, { name: name.trim() || undefined });
  await app.store.refresh(run.folder);
}

export const starRun = marking({ starred: true }, () => l10n.t('Star which run?'));
export const unstarRun = marking({ starred: false }, () => l10n.t('Take the star from which run?'));
export const archiveRun = marking({ archived: true }, () => l10n.t('Archive which run?'));
export const unarchiveRun = marking({ archived: false }, () => l10n.t('Bring which run back?'));

function marking(mark: { starred: boolean } | { archived: boolean }, title: () => string) {
  const [[key, value]] = Object.entries(mark) as [['starred' | 'archived', boolean]];
  return async (app: App, argument: unknown, selected?: unknown): Promise<void> => {
    const given = foldersOf(argument, selected);
    const picked =
      given.length > 0
        ? given
        : await pickRun(app, undefined, {
            fits: (run) => run[key] !== value,
            title: title(),
            none: l10n.t('There is no such run.'),
          }).then((run) => (run ? [run.folder] : []));
    for (const folder of picked) {
      updateNotes(folder, mark);
      await app.store.refresh(folder);
    }
  };
}

export async function editNotes(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Notes on which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (run) app.panels.open(run.folder, 'notes');
}
