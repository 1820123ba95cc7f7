import { basename } from 'node:path';
import {
  EventEmitter,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  Uri,
  window,
} from 'vscode';
import type { RunStatus, RunSummary } from '../../protocol/run';
import { DisposableOwner } from '../lifecycle';
import type { KnownRun, RunStore } from '../runs/store';
import {
  durationText,
  elapsed,
  isActive,
  isResumable,
  methodsText,
  miouText,
  percentText,
  stageText,
  statusText,
} from '../text';

/** A run that goes on changes its numbers ten times a second; nobody can read that. */
const REFRESH_MS = 500;

const icons: Record<RunStatus, ThemeIcon> = {
  starting: new ThemeIcon('loading~spin'),
  running: new ThemeIcon('loading~spin'),
  finished: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  stopped: new ThemeIcon('stop-circle'),
  failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  crashed: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
};

/** The Runs view: newest first, one line each. */
export class RunsTree extends DisposableOwner implements TreeDataProvider<KnownRun> {
  readonly #store: RunStore;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore) {
    super();
    this.#store = store;
    const view = this.own(window.createTreeView('distillation.runs', { treeDataProvider: this }));
    this.own(
      store.onDidChange(() => {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#changed.fire();
          const active = store.summaries.filter(isActive).length;
          view.badge = active
            ? {
                value: active,
                tooltip: active === 1 ? l10n.t('1 run goes on') : l10n.t('{0} runs go on', active),
              }
            : undefined;
        }, REFRESH_MS);
      }),
    );
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  getChildren(parent?: KnownRun): KnownRun[] {
    return parent ? [] : this.#store.runs;
  }

  getTreeItem(run: KnownRun): TreeItem {
    return run.kind === 'run' ? runItem(run.summary) : brokenItem(run.folder, run.problem);
  }
}

function runItem(run: RunSummary): TreeItem {
  const item = new TreeItem(run.name);
  item.id = run.folder;
  item.iconPath = icons[run.status];
  item.description = describe(run);
  item.tooltip = tooltip(run);
  item.accessibilityInformation = {
    label: `${run.name}, ${statusText(run.status)}, ${describe(run)}`,
  };
  item.contextValue = [
    'run',
    isActive(run) ? 'active' : 'deletable',
    ...(isResumable(run) ? ['resumable'] : []),
  ].join(' ');
  item.command = { command: 'distillation.openRun', title: l10n.t('Open Run'), arguments: [run.folder] };
  return item;
}

function brokenItem(folder: string, problem: string): TreeItem {
  const item = new TreeItem(basename(folder));
  item.id = folder;
  item.iconPath = new ThemeIcon('question', new ThemeColor('list.warningForeground'));
  item.description = l10n.t('cannot be read');
  item.tooltip = problem;
  item.contextValue = 'broken deletable';
  return item;
}

/** Most telling first: the side bar cuts the end off. */
function describe(run: RunSummary): string {
  const parts = [methodsText(run.methods)];
  if (isActive(run)) {
    if (run.stage) parts.push(`${stageText(run.stage)} ${percentText(run.progress)}`);
    else parts.push(statusText(run.status));
    if (run.etaMs !== undefined) parts.push(l10n.t('{0} left', durationText(run.etaMs)));
    if (run.bestStudentMiou !== undefined) parts.push(miouText(run.bestStudentMiou));
  } else {
    if (run.bestStudentMiou !== undefined) parts.push(miouText(run.bestStudentMiou));
    if (run.status !== 'finished') parts.push(statusText(run.status));
    parts.push(startText(run));
  }
  parts.push(run.student);
  return parts.join(' · ');
}

/** The time alone for today, the day with it for earlier. */
function startText(run: RunSummary): string {
  const start = new Date(run.createdAt);
  const today = start.toDateString() === new Date().toDateString();
  return start.toLocaleString(undefined, {
    ...(today ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

function tooltip(run: RunSummary): MarkdownString {
  const text = new MarkdownString();
  const line = (label: string, value: string | undefined) => {
    if (value) text.appendText(`${label}: ${value}`).appendMarkdown('  \n');
  };
  text.appendMarkdown('**').appendText(run.name).appendMarkdown('**  \n');
  line(l10n.t('Status'), statusText(run.status));
  line(l10n.t('Methods'), methodsText(run.methods));
  line(l10n.t('Student'), run.student);
  if (run.stage && run.step !== undefined)
    line(l10n.t('Step'), l10n.t('{0} of {1} ({2})', run.step, run.iterations ?? '?', stageText(run.stage)));
  line(
    l10n.t('Best mIoU, student'),
    run.bestStudentMiou === undefined ? undefined : miouText(run.bestStudentMiou),
  );
  line(
    l10n.t('Best mIoU, teacher'),
    run.bestTeacherMiou === undefined ? undefined : miouText(run.bestTeacherMiou),
  );
  line(l10n.t('Engine'), run.engine);
  line(l10n.t('Started'), new Date(run.createdAt).toLocaleString());
  if (isActive(run)) line(l10n.t('Running for'), durationText(elapsed(run)));
  // Nobody wrote down when a crashed run ended.
  else if (run.endedAt !== undefined) line(l10n.t('Took'), durationText(elapsed(run)));
  line(l10n.t('Folder'), run.folder);
  if (run.error) text.appendMarkdown('\n').appendText(run.error);
  return text;
}

/** What commands get from a tree item, a link or another command: the item, or the folder of a run. */
export function folderOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  if (argument instanceof Uri) return undefined;
  const folder = (argument as KnownRun | undefined)?.folder;
  return typeof folder === 'string' ? folder : undefined;
}
