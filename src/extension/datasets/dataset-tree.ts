import {
  EventEmitter,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  Uri,
  window,
  workspace,
} from 'vscode';
import { hindering } from '../../protocol/dataset-report';
import { DisposableOwner } from '../lifecycle';
import { type DatasetRow, rowLabel, rowsOf } from './dataset-rows';
import { splitText, verdictText } from './dataset-text';
import type { Datasets, KnownDataset } from './datasets';

/** A check counts hundreds of files a second; nobody can read that. */
const REFRESH_MS = 250;

/** The Datasets view: what the configurations train on, how much of it there is, and what is wrong with it. */
export class DatasetTree extends DisposableOwner implements TreeDataProvider<DatasetRow> {
  readonly #datasets: Datasets;
  readonly #view: TreeView<DatasetRow>;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;

  constructor(datasets: Datasets) {
    super();
    this.#datasets = datasets;
    this.#view = this.own(
      window.createTreeView('distillation.datasets', { treeDataProvider: this, showCollapseAll: true }),
    );
    this.own(
      datasets.onDidChange(() => {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#update();
        }, REFRESH_MS);
      }),
    );
    // Someone may have checked it on the command line meanwhile.
    this.own(this.#view.onDidChangeVisibility(({ visible }) => visible && void datasets.scan()));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  getChildren(parent?: DatasetRow): DatasetRow[] {
    if (parent) return rowsOf(parent);
    return this.#datasets.all.map((dataset) => ({ kind: 'dataset', dataset }));
  }

  getTreeItem(row: DatasetRow): TreeItem {
    const item = new TreeItem(rowLabel(row));
    item.contextValue = row.kind;
    switch (row.kind) {
      case 'dataset':
        return datasetItem(item, row.dataset);
      case 'fact':
        item.description = row.value;
        item.tooltip = row.value;
        item.iconPath = row.icon && statusIcons[row.icon];
        break;
      case 'problems':
        item.description = String(row.count);
        item.id = `${row.dataset.key}\n${row.code}`;
        item.collapsibleState = TreeItemCollapsibleState.Collapsed;
        item.iconPath = row.code === 'label-without-image' ? statusIcons.info : statusIcons.warning;
        break;
      case 'problem': {
        const { file, what, remedy } = row.problem;
        item.description = what;
        item.tooltip = new MarkdownString().appendText(`${file}\n\n${what} ${remedy}`);
        item.resourceUri = Uri.file(file);
        item.iconPath = ThemeIcon.File;
        item.contextValue =
          row.problem.code === 'dataset-pair' || row.problem.code === 'label-without-image'
            ? 'problem'
            : 'problem sample';
        item.command = {
          command: 'distillation.openDatasetProblem',
          title: l10n.t('Open File'),
          arguments: [row],
        };
        break;
      }
      case 'classes':
        item.id = `${row.dataset.key}\nclasses`;
        item.description = classesText(row.dataset);
        item.collapsibleState = TreeItemCollapsibleState.Collapsed;
        item.iconPath = new ThemeIcon('symbol-color');
        break;
      case 'class':
        item.description = row.value;
        item.tooltip = row.tooltip;
        item.iconPath = swatch(row.color);
        break;
      case 'users':
        item.id = `${row.dataset.key}\nusers`;
        item.collapsibleState = TreeItemCollapsibleState.Collapsed;
        item.description = String(row.dataset.configurations.length);
        item.iconPath = new ThemeIcon('references');
        break;
      case 'user':
        item.resourceUri = row.uri;
        item.iconPath = ThemeIcon.File;
        item.command = { command: 'vscode.open', title: l10n.t('Open Configuration'), arguments: [row.uri] };
        break;
      case 'more':
        item.tooltip = l10n.t('"distill data check --problems" lists them all.');
        break;
      default:
        row satisfies never;
    }
    if (typeof item.description === 'string')
      item.accessibilityInformation = { label: `${rowLabel(row)}: ${item.description}` };
    return item;
  }

  #update(): void {
    const count = this.#datasets.all.filter(
      ({ report }) => report && (report.unusable || hindering(report) > 0),
    ).length;
    this.#view.badge =
      count > 0
        ? {
            value: count,
            tooltip:
              count === 1 ? l10n.t('1 dataset has problems') : l10n.t('{0} datasets have problems', count),
          }
        : undefined;
    this.#changed.fire();
  }
}

const statusIcons = {
  pass: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  warning: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  error: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  info: new ThemeIcon('info'),
};

function datasetItem(item: TreeItem, dataset: KnownDataset): TreeItem {
  const { key, root, report, checking, failure, added } = dataset;
  const place = workspace.asRelativePath(root);
  const state = checking
    ? checking.total > 0
      ? l10n.t('checking {0} of {1}', checking.done, checking.total)
      : l10n.t('checking')
    : failure
      ? l10n.t('could not be checked')
      : report
        ? verdictText(report)
        : l10n.t('not checked');
  item.id = key;
  item.collapsibleState = TreeItemCollapsibleState.Collapsed;
  // First what the side bar does not cut off.
  item.description = `${state} · ${place}`;
  item.tooltip = new MarkdownString()
    .appendMarkdown('**')
    .appendText(dataset.title)
    .appendMarkdown('**  \n')
    .appendText(`${root}\n\n${state}`);
  item.accessibilityInformation = { label: `${dataset.title}, ${state}, ${place}` };
  item.iconPath = iconOf(dataset);
  item.contextValue = ['dataset', ...(added ? ['added'] : []), ...(checking ? ['checking'] : [])].join(' ');
  return item;
}

function iconOf({ checking, report, failure }: KnownDataset): ThemeIcon {
  if (checking) return new ThemeIcon('loading~spin');
  if (failure || report?.unusable) return statusIcons.error;
  if (!report) return new ThemeIcon('database');
  return hindering(report) > 0 ? statusIcons.warning : statusIcons.pass;
}

/** What the numbers behind the classes are. */
function classesText({ report }: KnownDataset): string {
  const read = report?.splits.filter(({ statistics }) => statistics.samples > 0) ?? [];
  const splits = read.map(({ split }) => splitText(split)).join(' / ');
  const count = String(report?.classes.length ?? '');
  return read.length > 0 ? `${count} · ${l10n.t('share of the labelled pixels: {0}', splits)}` : count;
}

/** The colour of a class, which is data and no part of the theme. */
function swatch(color: readonly number[]): Uri {
  const fill = `rgb(${color.join(',')})`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><rect x="3.5" y="3.5" width="9" height="9" rx="2" fill="${fill}" stroke="#808080"/></svg>`;
  return Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
}
