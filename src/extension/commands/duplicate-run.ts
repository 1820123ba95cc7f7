import { basename, dirname } from 'node:path';
import { env, l10n, Uri, window, workspace } from 'vscode';
import { readManifest } from '../../run/manifest';
import type { App } from '../app';
import { settings } from '../settings';
import { isResumable } from '../text';
import { pickRun } from './pick-run';

const anyRun = {
  fits: () => true,
  none: l10n.t('There are no runs in this workspace yet.'),
};

/** Writes the configuration of a run, comments included, as a new file beside the one it came from, and opens it. */
export async function duplicateRun(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, { ...anyRun, title: l10n.t('Duplicate which run?') });
  if (!run) return;
  const { base, configFile, configText } = readManifest(run.folder);
  const [, stem, ending] =
    /^(.*?)(\.distill\.[a-z]+|distill\.[a-z]+)$/.exec(basename(configFile ?? '')) ?? [];
  // Relative paths in it start from the folder it lay in; a run from another machine has none here.
  const home = (await exists(Uri.file(base))) ? base : dirname(dirname(dirname(run.folder)));
  const uri = await freeName(
    Uri.file(home),
    stem || run.name.replace(/[^\w.-]+/g, '-'),
    ending?.startsWith('.') ? ending : '.distill.json',
  );
  await workspace.fs.writeFile(uri, Buffer.from(configText));
  await window.showTextDocument(uri, { preview: false });
}

async function freeName(folder: Uri, stem: string, ending: string): Promise<Uri> {
  for (let n = 2; ; n++) {
    const uri = Uri.joinPath(folder, `${stem}-${n}${ending}`);
    if (!(await exists(uri))) return uri;
  }
}

const exists = (uri: Uri): Promise<boolean> =>
  Promise.resolve(
    workspace.fs.stat(uri).then(
      () => true,
      () => false,
    ),
  );

/** What does the same in a terminal: goes on with a run that was interrupted, else trains its configuration anew. */
export async function copyCommandLine(app: App, argument: unknown): Promise<void> {
  const run = await pickRun(app, argument, { ...anyRun, title: l10n.t('Command line of which run?') });
  if (!run) return;
  const known = app.store.get(run.folder);
  const configFile = known?.kind === 'run' ? known.configFile : undefined;
  const home = dirname(dirname(dirname(run.folder)));
  const what = isResumable(run) || configFile === undefined ? ['--resume', run.id] : [configFile];
  const engine = settings.engine && !what.includes('--resume') ? ['--engine', settings.engine] : [];
  const cli = Uri.joinPath(app.extension, 'dist', 'cli.js').fsPath;
  const line = ['node', cli, 'train', ...what, ...engine, '--workspace', home].map(quoted).join(' ');
  await env.clipboard.writeText(line);
  window.setStatusBarMessage(l10n.t('Copied: {0}', line), 5000);
}

/** For a POSIX shell, and for most that Windows has. */
function quoted(argument: string): string {
  if (/^[\w./:@=+-]+$/.test(argument)) return argument;
  return process.platform === 'win32' ? `"${argument}"` : `'${argument.replaceAll("'", `'\\''`)}'`;
}
