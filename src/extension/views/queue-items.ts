import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Queue } from '../../protocol/queue';
import type { Queued } from '../runs/queues';

/** The queue of a folder, and what waits in it, as the Runs view shows them. */
export type QueueNode =
  | { kind: 'queue'; home: string; queue: Queue }
  | { kind: 'queued'; queued: Queued; place: number };

export function queuedNodes({ home, queue }: Extract<QueueNode, { kind: 'queue' }>): QueueNode[] {
  return queue.entries.map((entry, i) => ({ kind: 'queued', queued: { home, entry }, place: i + 1 }));
}

export function queueItem(node: QueueNode): TreeItem {
  return node.kind === 'queue' ? groupItem(node) : entryItem(node);
}

function groupItem({ home, queue }: Extract<QueueNode, { kind: 'queue' }>): TreeItem {
  const item = new TreeItem(l10n.t('Queue'), TreeItemCollapsibleState.Expanded);
  const count = queue.entries.length;
  item.id = `queue ${home}`;
  item.iconPath = new ThemeIcon(queue.held ? 'debug-pause' : 'list-ordered');
  const waiting = count === 1 ? l10n.t('1 run waits') : l10n.t('{0} runs wait', count);
  item.description = queue.held ? `${waiting} · ${l10n.t('stops after this run')}` : waiting;
  item.tooltip = queue.held
    ? l10n.t(
        'What trains now goes on to its end; nothing is started after it until you start the queue again.',
      )
    : l10n.t(
        'The first is started as soon as nothing trains in this folder any more, while a window with it is open.',
      );
  item.contextValue = queue.held ? 'queue held' : 'queue going';
  return item;
}

function entryItem({ queued, place }: Extract<QueueNode, { kind: 'queued' }>): TreeItem {
  const { entry } = queued;
  const item = new TreeItem(`${place}. ${entry.name}`);
  item.id = `queued ${entry.id}`;
  const state = entry.problem
    ? l10n.t('could not be started')
    : entry.startingAt === undefined
      ? ''
      : l10n.t('is starting');
  item.description = state;
  item.iconPath = entry.problem
    ? new ThemeIcon('error', new ThemeColor('testing.iconFailed'))
    : new ThemeIcon(entry.startingAt === undefined ? 'clock' : 'loading~spin');
  item.tooltip =
    entry.problem ??
    l10n.t('With the configuration as it was at {0}', new Date(entry.addedAt).toLocaleString());
  item.contextValue = ['queued', ...(entry.problem ? ['failed'] : [])].join(' ');
  item.command = {
    command: 'distillation.openQueued',
    title: l10n.t('Open Configuration'),
    arguments: [{ kind: 'queued', queued }],
  };
  return item;
}
