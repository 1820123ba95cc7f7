import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { l10n, ProgressLocation, Uri, ViewColumn, window } from 'vscode';
import type { App } from '../app';
import { runTitle } from '../panels/panel-session';
import { strictPage } from '../panels/strict-page';
import { pickRun } from './pick-run';
import { runCli } from './run-cli';

/**
 * Makes the self-contained HTML report of a run, by the command line, and shows it. A webview rather than a browser:
 * it works over SSH and in a browser window of VS Code as well.
 */
export async function openReport(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, {
    fits: () => true,
    title: l10n.t('Report of which run?'),
    none: l10n.t('There are no runs in this workspace yet.'),
  });
  if (!run) return;
  // Beside what it tells of, where it can be found to be sent to someone.
  const file = join(run.folder, 'report.html');
  await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Making the report of {0}', run.name) },
    async () => await runCli(app, ['report', run.folder, '--output', file]),
  );
  const panel = window.createWebviewPanel(
    'distillation.report',
    l10n.t('Report: {0}', runTitle(run)),
    ViewColumn.Active,
    // Pictures and curves are inline; nothing is loaded and nothing runs.
    { enableScripts: false, localResourceRoots: [] },
  );
  panel.iconPath = Uri.joinPath(app.extension, 'media', 'icon.svg');
  panel.webview.html = strictPage(readFileSync(file, 'utf8'), randomBytes(16).toString('base64'));
}
