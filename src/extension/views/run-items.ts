import { basename } from 'node:path';
import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { RunStatus, RunSummary } from '../../protocol/run';
import {
  durationText,
  elapsed,
  isActive,
  isPausable,
  isResumable,
  methodsText,
  miouText,
  percentText,
  stageText,
  statusText,
} from '../text';

/** Characters of the notes in a tooltip. */
const NOTES_SHOWN = 500;

const icons: Record<RunStatus, ThemeIcon> = {
  starting: new ThemeIcon('loading~spin'),
  running: new ThemeIcon('loading~spin'),
  paused: new ThemeIcon('debug-pause'),
  finished: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  stopped: new ThemeIcon('stop-circle'),
  failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  crashed: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
};

/** The archived runs of all folders, put away at the end of the Runs view. */
export function archiveItem(count: number): TreeItem {
  const item = new TreeItem(l10n.t('Archived'), TreeItemCollapsibleState.Collapsed);
  item.id = 'archive';
  item.iconPath = new ThemeIcon('archive');
  item.description = String(count);
  item.contextValue = 'archive';
  return item;
}

/** A run as the Runs view shows it. */
export function runItem(run: RunSummary): TreeItem {
  const item = new TreeItem(run.name);
  item.id = run.folder;
  item.iconPath = icons[run.status];
  item.description = describe(run);
  item.accessibilityInformation = {
    label: `${run.name}, ${statusText(run.status)}, ${describe(run)}`,
  };
  item.contextValue = [
    'run',
    isActive(run) ? 'active' : 'deletable',
    ...(isPausable(run) ? ['pausable'] : []),
    ...(run.status === 'paused' ? ['paused'] : []),
    ...(isResumable(run) ? ['resumable'] : []),
    run.starred ? 'starred' : 'unstarred',
    run.archived ? 'archived' : 'unarchived',
  ].join(' ');
  // Not in resolveTreeItem: VS Code 1.100 then loses the first click on the row.
  item.tooltip = tooltip(run);
  item.command = { command: 'distillation.openRun', title: l10n.t('Open Run'), arguments: [run.folder] };
  return item;
}

/** A run folder that cannot be read, and why. */
export function brokenItem(folder: string, problem: string): TreeItem {
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
  const parts = [...(run.starred ? ['★'] : []), methodsText(run.methods)];
  if (isActive(run)) {
    if (run.status === 'paused' || !run.stage) parts.push(statusText(run.status));
    if (run.stage) parts.push(`${stageText(run.stage)} ${percentText(run.progress)}`);
    if (run.status !== 'paused' && run.etaMs !== undefined)
      parts.push(l10n.t('{0} left', durationText(run.etaMs)));
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
  return startFormats()[today ? 'today' : 'earlier'].format(start);
}

/** Making one takes longer than using it for a thousand rows; the first also reads the locale's data, which not every window needs. */
let formats: Record<'today' | 'earlier' | 'whole', Intl.DateTimeFormat> | undefined;
function startFormats(): NonNullable<typeof formats> {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  formats ??= {
    today: new Intl.DateTimeFormat(undefined, time),
    earlier: new Intl.DateTimeFormat(undefined, { ...time, day: 'numeric', month: 'short' }),
    whole: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
  };
  return formats;
}

/** Plain text: it is made for every row, and a run folder from a stranger can put no link into it. */
function tooltip(run: RunSummary): string {
  const lines = [run.name];
  const line = (label: string, value: string | undefined) => {
    if (value) lines.push(`${label}: ${value}`);
  };
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
  line(l10n.t('Started'), startFormats().whole.format(run.createdAt));
  if (isActive(run)) line(l10n.t('Running for'), durationText(elapsed(run)));
  // Nobody wrote down when a crashed run ended.
  else if (run.endedAt !== undefined) line(l10n.t('Took'), durationText(elapsed(run)));
  line(l10n.t('Folder'), run.folder);
  if (run.notes) lines.push('', run.notes.slice(0, NOTES_SHOWN));
  if (run.error) lines.push('', run.error);
  return lines.join('\n');
}
