import { l10n, type QuickPickItem, window } from 'vscode';
import type { RunSummary } from '../../protocol/run';
import type { App } from '../app';
import { methodsText, miouText, statusText } from '../text';
import { folderOf } from '../views/run-argument';

/**
 * The run a command is about: the one it was called for, else the one whose panel has the focus, else the only one
 * that fits, else the one the user picks. Undefined: nothing was picked; the user has been told if there was none.
 */
export async function pickRun(
  app: App,
  argument: unknown,
  choice: { fits(run: RunSummary): boolean; title: string; none: string },
): Promise<RunSummary | undefined> {
  const folder = folderOf(argument);
  if (folder !== undefined) {
    const known = await app.store.refresh(folder);
    if (known?.kind === 'run') return known.summary;
    throw new Error(known?.problem ?? l10n.t('The run {0} is not there any more.', folder));
  }
  const candidates = app.store.summaries.filter(choice.fits);
  if (candidates.length === 0) {
    void window.showInformationMessage(choice.none);
    return undefined;
  }
  const focused = candidates.find((run) => run.folder === app.panels.activeRun);
  if (focused) return focused;
  if (candidates.length === 1) return candidates[0];
  const picked = await window.showQuickPick(
    candidates.map((run) => ({ ...runItem(run), run })),
    { title: choice.title, matchOnDescription: true, matchOnDetail: true },
  );
  return picked?.run;
}

/** A run as it is offered for choice. */
export function runItem(run: RunSummary): QuickPickItem {
  return {
    label: run.name,
    description: [
      methodsText(run.methods),
      statusText(run.status),
      ...(run.bestStudentMiou === undefined ? [] : [miouText(run.bestStudentMiou)]),
    ].join(' · '),
    detail: run.id,
  };
}
