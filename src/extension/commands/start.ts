import {
  commands,
  l10n,
  ProgressLocation,
  Selection,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { MethodKind } from '../../protocol/config';
import type { App } from '../app';
import { activeConfiguration, configurationsWith, methodKinds } from '../config/find';
import { settings } from '../settings';
import { methodsText } from '../text';
import { newConfiguration } from './new-configuration';

/**
 * Starts a run.
 * @param kind only configurations that use this method; undefined: any
 * @param argument the configuration a menu or lens was used on
 */
export async function startRun(app: App, kind: MethodKind | undefined, argument: unknown): Promise<void> {
  if (!(await isTrusted())) return;
  const uri = argument instanceof Uri ? argument : await pickConfiguration(app, kind);
  if (uri) await startFrom(app, uri);
}

/** Training starts a program that reads what the configuration names. */
export async function isTrusted(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const manage = l10n.t('Manage Workspace Trust');
  const choice = await window.showWarningMessage(
    l10n.t(
      'Training starts a program and reads the files a configuration names, so it needs a trusted workspace.',
    ),
    manage,
  );
  if (choice === manage) await commands.executeCommand('workbench.trust.manage');
  return false;
}

export async function pickConfiguration(app: App, kind: MethodKind | undefined): Promise<Uri | undefined> {
  if (!workspace.workspaceFolders?.length) {
    const open = l10n.t('Open Folder');
    const choice = await window.showErrorMessage(
      l10n.t('Runs are kept in the folder that is open, under .distill/runs. Open one first.'),
      open,
    );
    if (choice === open) await commands.executeCommand('vscode.openFolder');
    return undefined;
  }
  const active = activeConfiguration();
  if (active && (!kind || (await methodKinds(active)).includes(kind))) return active;
  const fitting = await configurationsWith(kind);
  if (fitting.length === 0) return await offerTemplate(app, kind);
  if (fitting.length === 1) return fitting[0];
  const picked = await window.showQuickPick(
    await Promise.all(
      fitting.map(async (uri) => ({
        uri,
        label: workspace.asRelativePath(uri),
        description: methodsText(await methodKinds(uri)),
      })),
    ),
    { title: l10n.t('Start a run from which configuration?'), matchOnDescription: true },
  );
  return picked?.uri;
}

/** The new file is opened rather than started: whoever has none should see what there is to decide. */
async function offerTemplate(app: App, kind: MethodKind | undefined): Promise<undefined> {
  const create = l10n.t('New Configuration');
  const choice = await window.showInformationMessage(
    kind
      ? l10n.t('No configuration in this workspace uses {0}.', methodsText([kind]))
      : l10n.t('There is no configuration (*.distill.json, *.distill.yaml) in this workspace.'),
    create,
  );
  if (choice === create) await newConfiguration(app, kind);
  return undefined;
}

/** The configuration, saved and without errors, and the folder its run is kept in. Errors: shown where they are. */
export async function readyToStart(app: App, uri: Uri): Promise<{ document: TextDocument; home: string }> {
  const document = await workspace.openTextDocument(uri);
  if (document.isDirty && !(await document.save()))
    throw new Error(l10n.t('{0} could not be saved, so it was not started.', workspace.asRelativePath(uri)));
  const error = app.diagnostics.firstError(document);
  if (error) {
    const editor = await window.showTextDocument(document);
    editor.selection = new Selection(error.range.start, error.range.end);
    editor.revealRange(error.range);
    throw new Error(l10n.t('{0} cannot be started: {1}', workspace.asRelativePath(uri), error.message));
  }
  // A configuration may lie elsewhere; its runs are kept where they are seen.
  const home = workspace.getWorkspaceFolder(uri) ?? workspace.workspaceFolders?.[0];
  if (!home) throw new Error(l10n.t('Open a folder first: a configuration and its runs are kept in it.'));
  return { document, home: home.uri.fsPath };
}

async function startFrom(app: App, uri: Uri): Promise<void> {
  const { home } = await readyToStart(app, uri);
  const run = await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Starting {0}', workspace.asRelativePath(uri)) },
    async () => await app.trainings.start({ configFile: uri.fsPath, workspace: home }),
  );
  if (settings.openPanelOnStart) app.panels.open(run);
}
