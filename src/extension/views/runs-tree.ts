import { basename } from 'node:path';
import { EventEmitter, l10n, type TreeDataProvider, TreeItem, type TreeView, window } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import type { Queues } from '../runs/queues';
import type { KnownRun, RunStore } from '../runs/store';
import { isActive } from '../text';
import { Throttle } from '../throttle';
import { DrawnList } from './drawn-list';
import { type QueueNode, queuedNodes, queueItem } from './queue-items';
import { archiveItem, brokenItem, runItem } from './run-items';

/** A run that goes on changes its numbers ten times a second; nobody can read that. */
const REFRESH_MS = 500;

/** What VS Code knows a run by, however often its numbers change; commands get it as their argument. */
interface Row {
  kind: 'run';
  folder: string;
}
/** The archived runs of all folders, put away at the end. */
interface Archive {
  kind: 'archive';
  rows: Row[];
}
type Node = Row | QueueNode | Archive;

/** The Runs view: what waits, then starred runs, then the others, newest first; what is archived lies at the end. */
export class RunsTree extends DisposableOwner implements TreeDataProvider<Node> {
  readonly #store: RunStore;
  readonly #queues: Queues;
  readonly #changed = this.own(new EventEmitter<Row[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #rows = new Map<string, Row>();
  readonly #drawn = new DrawnList<KnownRun>();

  constructor(store: RunStore, queues: Queues) {
    super();
    this.#store = store;
    this.#queues = queues;
    const view = this.own(
      window.createTreeView('distillation.runs', { treeDataProvider: this, canSelectMany: true }),
    );
    const refreshing = this.own(new Throttle(() => this.#refresh(view), REFRESH_MS));
    this.own(store.onDidChange(() => refreshing.ask()));
    this.own(queues.onDidChange(() => refreshing.ask()));
  }

  #refresh(view: TreeView<Node>): void {
    const stale = this.#drawn.stale(this.#outline(), (folder) => this.#store.get(folder));
    if (stale === 'all') this.#changed.fire(undefined);
    // Alone: VS Code never lets go of all that it makes for a row that is drawn again, and there may be a thousand others.
    else if (stale.length > 0) this.#changed.fire(stale.map((folder) => this.#row(folder)));
    const active = this.#store.summaries.filter(isActive).length;
    view.badge = active
      ? {
          value: active,
          tooltip: active === 1 ? l10n.t('1 run goes on') : l10n.t('{0} runs go on', active),
        }
      : undefined;
  }

  /** Folders of the runs. */
  #sections() {
    const sections = { starred: [] as string[], others: [] as string[], archived: [] as string[] };
    for (const run of this.#store.runs) {
      const { archived, starred } = run.kind === 'run' ? run.summary : {};
      sections[archived ? 'archived' : starred ? 'starred' : 'others'].push(run.folder);
    }
    return sections;
  }

  #outline(): string[] {
    const { starred, others, archived } = this.#sections();
    const queues = this.#queues.all.map((waiting) => JSON.stringify(waiting));
    return [...queues, 'starred', ...starred, 'others', ...others, 'archived', ...archived];
  }

  #row(folder: string): Row {
    let row = this.#rows.get(folder);
    if (!row) {
      row = { kind: 'run', folder };
      this.#rows.set(folder, row);
    }
    return row;
  }

  getChildren(parent?: Node): Node[] {
    if (parent?.kind === 'queue') return queuedNodes(parent);
    if (parent?.kind === 'archive') return parent.rows;
    if (parent) return [];
    this.#drawn.drawList(this.#outline());
    for (const folder of this.#rows.keys()) if (!this.#store.get(folder)) this.#rows.delete(folder);
    const { starred, others, archived } = this.#sections();
    return [
      ...this.#queues.all.map((waiting): Node => ({ kind: 'queue', ...waiting })),
      ...[...starred, ...others].map((folder) => this.#row(folder)),
      ...(archived.length > 0
        ? [{ kind: 'archive' as const, rows: archived.map((folder) => this.#row(folder)) }]
        : []),
    ];
  }

  getTreeItem(node: Node): TreeItem {
    switch (node.kind) {
      case 'run':
        return this.#runItem(node);
      case 'queue':
      case 'queued':
        return queueItem(node);
      case 'archive':
        return archiveItem(node.rows.length);
      default:
        return node satisfies never;
    }
  }

  #runItem({ folder }: Row): TreeItem {
    const known = this.#store.get(folder);
    // Deleted since VS Code was given its row, which will go with the next refresh.
    if (!known) return new TreeItem(basename(folder));
    this.#drawn.drawRow(folder, known);
    return known.kind === 'run' ? runItem(known.summary) : brokenItem(folder, known.problem);
  }
}
