import { randomBytes } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import { l10n, ProgressLocation, Uri, ViewColumn, window, workspace } from 'vscode';
import { resolveSpec } from '../../nn/networks';
import { parseSpec } from '../../nn/spec-text';
import { DistillError } from '../../protocol/errors';
import type { App } from '../app';
import { escapeHtml } from '../panels/html';
import { runCli } from './run-cli';

/** The network that was asked for last, offered again. */
let lastNetwork = 'deeplabv3-resnet18';

/**
 * Reads weights of another program for a network, writes what fits beside the configurations and shows the report of
 * `distill import`.
 */
export async function importWeights(app: App): Promise<void> {
  const [source] =
    (await window.showOpenDialog({
      title: l10n.t('Import weights'),
      openLabel: l10n.t('Import'),
      filters: {
        [l10n.t('Weights')]: ['pth', 'pt', 'pkl', 'safetensors', 'json'],
        [l10n.t('All files')]: ['*'],
      },
    })) ?? [];
  if (!source) return;
  const network = await window.showInputBox({
    title: l10n.t('For which network?'),
    prompt: l10n.t(
      'Model and backbone, and what is not as published: pspnet-resnet18:classes=11,style=mmseg',
    ),
    value: lastNetwork,
    ignoreFocusOut: true,
    validateInput: whyNot,
  });
  if (!network) return;
  lastNetwork = network;
  const target = await window.showSaveDialog({
    title: l10n.t('Write what fits to'),
    defaultUri: Uri.file(proposal(source.fsPath)),
    filters: { safetensors: ['safetensors'] },
  });
  if (!target) return;
  const report = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Reading {0}', basename(source.fsPath)) },
    // The dialog has asked already whether a file may be replaced.
    async () =>
      await runCli(app, [
        'import',
        source.fsPath,
        '--as',
        network,
        '--out',
        target.fsPath,
        '--force',
        '--all',
      ]),
  );
  showReport(l10n.t('Import: {0}', basename(source.fsPath)), report);
}

/** Not a text document: it would be unsaved, and VS Code would ask about it. */
function showReport(title: string, report: string): void {
  const panel = window.createWebviewPanel('distillation.import', title, ViewColumn.Active, {
    enableScripts: false,
    enableFindWidget: true,
    localResourceRoots: [],
  });
  const nonce = randomBytes(16).toString('base64');
  panel.webview.html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">pre { font-family: var(--vscode-editor-font-family); white-space: pre-wrap; overflow-wrap: anywhere; }</style>
<title>${escapeHtml(title)}</title>
</head>
<body><pre>${escapeHtml(report)}</pre></body>
</html>`;
}

/** Why a text names no network that can be built, before a place for its weights is asked for. */
function whyNot(text: string): string | undefined {
  try {
    resolveSpec(parseSpec(text));
    return undefined;
  } catch (error) {
    if (!(error instanceof DistillError)) throw error;
    return error.message;
  }
}

/** In the open folder, where configurations are; else beside the source. Never the source itself. */
function proposal(source: string): string {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? dirname(source);
  const name = basename(source, extname(source));
  const same = extname(source) === '.safetensors' && folder === dirname(source);
  return join(folder, `${same ? `${name}-imported` : name}.safetensors`);
}
