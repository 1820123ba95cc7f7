import { basename, dirname, join } from 'node:path';
import { commands, env, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { App } from '../app';
import { pickRun } from './pick-run';
import { runCli } from './run-cli';

/** Writes the student of a run, its best weights, as a file for other programs. */
export async function exportStudent(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Export the student of which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (!run) return;
  const format = await window.showQuickPick(
    [
      {
        id: 'onnx',
        label: l10n.t('ONNX'),
        detail: l10n.t('For deployment: images of any size, pre-processing and classes in the metadata'),
      },
      {
        id: 'safetensors',
        label: l10n.t('safetensors'),
        detail: l10n.t("For PyTorch: every weight under PyTorch's name, for load_state_dict"),
      },
    ],
    { title: l10n.t('Export the student of {0}', run.name) },
  );
  if (!format) return;
  const folder = workspace.getWorkspaceFolder(Uri.file(run.folder))?.uri.fsPath ?? dirname(run.folder);
  const target = await window.showSaveDialog({
    title: l10n.t('Export the student of {0}', run.name),
    defaultUri: Uri.file(join(folder, `${run.id}-student.${format.id}`)),
    filters: { [format.label]: [format.id] },
  });
  if (!target) return;
  await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Exporting the student of {0}', run.name) },
    // The dialog has asked already whether a file may be replaced.
    async () =>
      await runCli(app, ['export', run.folder, '--out', target.fsPath, '--format', format.id, '--force']),
  );
  const reveal = l10n.t('Reveal');
  void window
    .showInformationMessage(l10n.t('The student is in {0}.', basename(target.fsPath)), reveal)
    .then(async (choice) => {
      // A file manager exists only on the machine where the window is.
      if (choice === reveal)
        await commands.executeCommand(
          env.remoteName === undefined ? 'revealFileInOS' : 'revealInExplorer',
          target,
        );
    });
}
