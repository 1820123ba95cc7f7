import { l10n, Uri, window, workspace } from 'vscode';
import { append, change, hold, move, newEntry, remove } from '../../run/queue';
import type { App } from '../app';
import type { Queued } from '../runs/queues';
import { isTrusted, pickConfiguration, readyToStart } from './start';

/** What menus of the queue give to its commands: an entry, or the folder whose queue it is. */
type QueueNode = { kind: 'queued'; queued: Queued } | { kind: 'queue'; home: string };

/** Puts a run at the end of the queue, with the configuration as it is now. */
export async function queueRun(app: App, argument: unknown): Promise<void> {
  if (!(await isTrusted())) return;
  const uri = argument instanceof Uri ? argument : await pickConfiguration(app, undefined);
  if (!uri) return;
  const { document, home } = await readyToStart(app, uri);
  const name = workspace.asRelativePath(uri);
  await app.queues.edit(
    home,
    append(newEntry({ name, configFile: uri.fsPath, configText: document.getText() })),
  );
  const place = app.queues.of(home)?.entries.length ?? 0;
  window.setStatusBarMessage(
    place > 0 ? l10n.t('{0} is number {1} in the queue.', name, place) : l10n.t('{0} starts now.', name),
    5000,
  );
}

/** What runs goes on to its end; nothing is started after it. */
export const holdQueue = (app: App, argument: unknown): Promise<void> => setHeld(app, argument, true);
export const continueQueue = (app: App, argument: unknown): Promise<void> => setHeld(app, argument, false);

async function setHeld(app: App, argument: unknown, held: boolean): Promise<void> {
  const given = nodeOf(argument);
  const homes = given?.kind === 'queue' ? [given.home] : localFolders();
  for (const home of homes)
    if ((app.queues.of(home)?.held ?? false) !== held) await app.queues.edit(home, hold(held));
  window.setStatusBarMessage(
    held ? l10n.t('The queue stops after the run that trains now.') : l10n.t('The queue goes on.'),
    5000,
  );
}

export const moveUp = (app: App, argument: unknown): Promise<void> =>
  withEntry(app, argument, ({ entry }) => move(entry.id, -1));
export const moveDown = (app: App, argument: unknown): Promise<void> =>
  withEntry(app, argument, ({ entry }) => move(entry.id, 1));
export const removeQueued = (app: App, argument: unknown): Promise<void> =>
  withEntry(app, argument, ({ entry }) => remove(entry.id));
export const retryQueued = (app: App, argument: unknown): Promise<void> =>
  withEntry(app, argument, ({ entry }) => change(entry.id, { problem: undefined }));

/** The text that will be trained, which may not be what the file says by now. */
export async function openQueued(app: App, argument: unknown): Promise<void> {
  const queued = await pickQueued(app, argument);
  if (!queued) return;
  const { configText, configFile } = queued.entry;
  const document = await workspace.openTextDocument(Uri.file(configFile)).then(
    (file) => (file.getText() === configText ? file : undefined),
    () => undefined,
  );
  await window.showTextDocument(
    document ?? (await workspace.openTextDocument({ content: configText, language: 'jsonc' })),
  );
}

async function withEntry(
  app: App,
  argument: unknown,
  how: (queued: Queued) => Parameters<App['queues']['edit']>[1],
): Promise<void> {
  const queued = await pickQueued(app, argument);
  if (queued) await app.queues.edit(queued.home, how(queued));
}

async function pickQueued(app: App, argument: unknown): Promise<Queued | undefined> {
  const given = nodeOf(argument);
  if (given?.kind === 'queued') return given.queued;
  const all = app.queues.all.flatMap(({ home, queue }) => queue.entries.map((entry) => ({ home, entry })));
  if (all.length === 0) {
    void window.showInformationMessage(l10n.t('Nothing waits in the queue.'));
    return undefined;
  }
  if (all.length === 1) return all[0];
  const picked = await window.showQuickPick(
    all.map((queued, i) => ({ queued, label: `${i + 1}. ${queued.entry.name}` })),
    { title: l10n.t('Which run of the queue?') },
  );
  return picked?.queued;
}

function nodeOf(argument: unknown): QueueNode | undefined {
  const { kind } = (argument ?? {}) as { kind?: string };
  return kind === 'queued' || kind === 'queue' ? (argument as QueueNode) : undefined;
}

function localFolders(): string[] {
  return (workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath);
}
