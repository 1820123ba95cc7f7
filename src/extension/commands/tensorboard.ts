import { basename } from 'node:path';
import { env, l10n, ProgressLocation, window } from 'vscode';
import type { App } from '../app';
import { pickRun } from './pick-run';
import { runCli } from './run-cli';

/** Writes what TensorBoard shows of a run beside its journal, by the command line: a journal may be long. */
export async function exportTensorboard(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Export which run for TensorBoard?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (!run) return;
  await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Exporting {0} for TensorBoard', run.name) },
    async () => await runCli(app, ['export-tensorboard', run.folder]),
  );
  const copy = l10n.t('Copy Command');
  const choice = await window.showInformationMessage(
    l10n.t('The events of {0} lie in its folder, where TensorBoard finds them.', basename(run.folder)),
    copy,
  );
  if (choice === copy) await env.clipboard.writeText(`tensorboard --logdir "${run.folder}"`);
}
