import {
  commands,
  EventEmitter,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
  workspace,
} from 'vscode';
import type { DoctorReport, EngineReport } from '../../protocol/doctor';
import { DisposableOwner } from '../lifecycle';
import { settings } from '../settings';
import { deviceText, engineText, sourceText, speedText, versionText } from './engine-text';
import type { Engines } from './engines';

/** A row: an engine, or one of the things known about it. */
export type EngineRow =
  | { kind: 'engine'; report: EngineReport; whole: DoctorReport }
  | { kind: 'fact'; label: string; value: string; icon?: string; warning?: boolean };

/** The Engine view: what computes now, how fast, and why the others do not. */
export class EngineTree extends DisposableOwner implements TreeDataProvider<EngineRow> {
  readonly #engines: Engines;
  readonly #view: TreeView<EngineRow>;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** Ends the progress bar of the view. */
  #rest: (() => void) | undefined;

  constructor(engines: Engines) {
    super();
    this.#engines = engines;
    this.#view = this.own(window.createTreeView('distillation.engine', { treeDataProvider: this }));
    this.own(engines.onDidChange(() => this.#update()));
    // Which engine computes depends on them.
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('distillation.engine')) this.#update();
        if (event.affectsConfiguration('distillation.nodePath') && this.#view.visible && workspace.isTrusted)
          void engines.check();
      }),
    );
    // Finding out starts a process: nobody is made to wait for what nobody looks at.
    this.own(this.#view.onDidChangeVisibility(() => this.#look()));
    this.own(workspace.onDidGrantWorkspaceTrust(() => this.#look()));
    this.own({ dispose: () => this.#rest?.() });
    this.#look();
  }

  getChildren(parent?: EngineRow): EngineRow[] {
    const { knowledge } = this.#engines;
    if (parent) return parent.kind === 'engine' ? factsOf(parent.report, parent.whole) : [];
    return knowledge.kind === 'known'
      ? knowledge.report.engines.map((report) => ({ kind: 'engine', report, whole: knowledge.report }))
      : [];
  }

  getTreeItem(row: EngineRow): TreeItem {
    return row.kind === 'engine' ? engineItem(row.report, row.whole) : factItem(row);
  }

  #look(): void {
    if (!workspace.isTrusted) return;
    if (this.#view.visible && this.#engines.knowledge.kind === 'unknown' && !this.#engines.busy)
      void this.#engines.check();
  }

  #update(): void {
    const { knowledge, busy } = this.#engines;
    this.#view.message =
      knowledge.kind !== 'known' && busy ? l10n.t('Finding out what can compute here …') : undefined;
    // Beside the title, because a message would take the place of the welcome and its buttons.
    this.#view.description = knowledge.kind === 'failed' && !busy ? knowledge.problem : '';
    void commands.executeCommand('setContext', 'distillation.enginesFailed', knowledge.kind === 'failed');
    void commands.executeCommand(
      'setContext',
      'distillation.tensorflowSetUp',
      knowledge.kind === 'known' && knowledge.report.tensorflow !== null,
    );
    if (busy && !this.#rest)
      void window.withProgress(
        { location: { viewId: 'distillation.engine' } },
        () =>
          new Promise<void>((done) => {
            this.#rest = done;
          }),
      );
    else if (!busy) {
      this.#rest?.();
      this.#rest = undefined;
    }
    this.#changed.fire();
  }
}

/** The engine that new runs use: the setting's, else what `auto` opens. */
function computing(whole: DoctorReport): string | null {
  const wanted = settings.engine;
  return wanted === undefined || wanted === 'auto' ? whole.auto : wanted;
}

function engineItem(report: EngineReport, whole: DoctorReport): TreeItem {
  const active = report.name === computing(whole);
  const item = new TreeItem(engineText(report.name), TreeItemCollapsibleState.Collapsed);
  item.id = report.name;
  item.description = describe(report, active);
  item.iconPath = iconOf(report, active);
  item.tooltip = tooltip(report);
  item.accessibilityInformation = { label: `${engineText(report.name)}, ${item.description}` };
  const isTensorFlow = report.name === 'tensorflow';
  item.contextValue = [
    'engine',
    ...(isTensorFlow ? ['tensorflow'] : []),
    ...(isTensorFlow && whole.tensorflow ? ['setUp'] : []),
  ].join(' ');
  return item;
}

function describe(report: EngineReport, active: boolean): string {
  if (!report.available) return l10n.t('not available: {0}', report.reason);
  if (report.failures.length > 0) return l10n.t('not used: wrong numbers');
  const { gpu, description } = report;
  return [
    // First what the side bar does not cut off.
    speedText(report),
    deviceText(description.device),
    ...(active ? [l10n.t('computes now')] : []),
    ...(gpu && !gpu.used && gpu.expected ? [l10n.t('GPU not used')] : []),
  ].join(' · ');
}

function iconOf(report: EngineReport, active: boolean): ThemeIcon {
  if (!report.available) return new ThemeIcon('circle-slash', new ThemeColor('disabledForeground'));
  if (report.failures.length > 0) return new ThemeIcon('error', new ThemeColor('testing.iconFailed'));
  return active
    ? new ThemeIcon('pass-filled', new ThemeColor('testing.iconPassed'))
    : new ThemeIcon('circle-large-outline');
}

function tooltip(report: EngineReport): MarkdownString {
  const text = new MarkdownString();
  text.appendMarkdown('**').appendText(engineText(report.name)).appendMarkdown('**\n\n');
  return text.appendText(report.available ? report.description.summary : report.reason);
}

function factsOf(report: EngineReport, whole: DoctorReport): EngineRow[] {
  const fact = (label: string, value: string, icon?: string, warning = false): EngineRow => ({
    kind: 'fact',
    label,
    value,
    ...(icon ? { icon } : {}),
    warning,
  });
  if (!report.available) return [fact(l10n.t('Why not'), report.reason, 'info')];
  const { description, failures, gpu } = report;
  const passedOver = whole.why
    .find((line) => line.startsWith(`${report.name}: `))
    ?.slice(report.name.length + 2);
  const gpuText = gpu && !gpu.used && gpu.expected ? `${gpu.reason} ${gpu.remedy}` : undefined;
  return [
    fact(l10n.t('Device'), gpu?.used ? gpu.name : deviceText(description.device)),
    ...(gpuText ? [fact(l10n.t('GPU'), gpuText, 'warning', true)] : []),
    fact(
      l10n.t('Speed'),
      report.disturbed
        ? l10n.t(
            '{0}, convolution with gradients; the machine was busy, so it is asked again later',
            speedText(report),
          )
        : l10n.t('{0}, convolution with gradients', speedText(report)),
    ),
    failures.length === 0
      ? fact(l10n.t('Self-test'), l10n.t('passed'))
      : fact(l10n.t('Self-test'), l10n.t('failed: {0}', failures.join(', ')), 'warning', true),
    ...(passedOver && passedOver !== gpuText ? [fact(l10n.t('Why not'), passedOver, 'info')] : []),
    ...(report.name === 'tensorflow' && whole.tensorflow
      ? [
          fact(
            l10n.t('Source'),
            `${sourceText(whole.tensorflow.source)}: ${whole.tensorflow.folder ?? whole.tensorflow.origin}`,
          ),
        ]
      : []),
    ...Object.entries(description.versions).map(([name, version]) => fact(versionText(name), version)),
  ];
}

function factItem(row: Extract<EngineRow, { kind: 'fact' }>): TreeItem {
  const item = new TreeItem(row.label);
  item.description = row.value;
  item.tooltip = row.value;
  item.accessibilityInformation = { label: `${row.label}: ${row.value}` };
  item.contextValue = 'fact';
  if (row.icon)
    item.iconPath = new ThemeIcon(
      row.icon,
      row.warning ? new ThemeColor('list.warningForeground') : undefined,
    );
  return item;
}
