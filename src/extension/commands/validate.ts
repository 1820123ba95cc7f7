import { commands, l10n, Selection, Uri, window, workspace } from 'vscode';
import type { App } from '../app';
import { activeConfiguration, findConfigurations } from '../config/find';

/**
 * Says whether a configuration can be trained, and shows the first problem if it cannot. Works without trust: nothing is
 * started, and only what the configuration names is looked at.
 * @param argument the configuration a menu or lens was used on
 */
export async function validate(app: App, argument: unknown): Promise<void> {
  const uri = argument instanceof Uri ? argument : (activeConfiguration() ?? (await pick()));
  if (!uri) return;
  const document = await workspace.openTextDocument(uri);
  const editor = await window.showTextDocument(document, { preview: false });
  const problems = app.diagnostics.onDisk(document);
  const name = workspace.asRelativePath(uri);
  const first = problems.find(({ severity }) => severity === 'error') ?? problems[0];
  if (!first) {
    void window.showInformationMessage(l10n.t('{0} can be trained.', name));
    return;
  }
  editor.selection = new Selection(first.range.start, first.range.end);
  editor.revealRange(first.range);
  const show = l10n.t('Show Problems');
  const text =
    first.severity === 'error'
      ? l10n.t('{0} cannot be trained: {1}', name, first.message)
      : l10n.t('{0} can be trained, but: {1}', name, first.message);
  const tell = first.severity === 'error' ? window.showErrorMessage : window.showWarningMessage;
  void tell(text, show).then((choice) => {
    if (choice === show) void commands.executeCommand('workbench.actions.view.problems');
  });
}

async function pick(): Promise<Uri | undefined> {
  const all = await findConfigurations();
  if (all.length === 0)
    throw new Error(l10n.t('There is no configuration (*.distill.json, *.distill.yaml) in this workspace.'));
  if (all.length === 1) return all[0];
  const picked = await window.showQuickPick(
    all.map((uri) => ({ uri, label: workspace.asRelativePath(uri) })),
    { title: l10n.t('Validate which configuration?') },
  );
  return picked?.uri;
}
