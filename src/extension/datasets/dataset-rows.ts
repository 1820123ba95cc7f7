import { basename } from 'node:path';
import { l10n, type Uri, workspace } from 'vscode';
import {
  type DatasetProblem,
  type DatasetProblemCode,
  type DatasetReport,
  datasetProblemCodeSchema,
  type SplitReport,
} from '../../protocol/dataset-report';
import { checkedText, pairsText, problemsText, shareText, splitText } from './dataset-text';
import type { KnownDataset } from './datasets';

/** A row of the Datasets view. */
export type DatasetRow =
  | { kind: 'dataset'; dataset: KnownDataset }
  | { kind: 'fact'; label: string; value: string; icon?: 'pass' | 'warning' | 'error' | 'info' }
  | { kind: 'problems'; dataset: KnownDataset; code: DatasetProblemCode; count: number }
  | { kind: 'problem'; dataset: KnownDataset; problem: DatasetProblem }
  | { kind: 'more'; count: number }
  | { kind: 'classes'; dataset: KnownDataset }
  | { kind: 'class'; name: string; color: readonly number[]; value: string; tooltip: string }
  | { kind: 'users'; dataset: KnownDataset }
  | { kind: 'user'; uri: Uri };

/** What a row consists of; empty for one that has no parts. */
export function rowsOf(row: DatasetRow): DatasetRow[] {
  switch (row.kind) {
    case 'dataset':
      return partsOf(row.dataset);
    case 'problems':
      return problemRows(row.dataset, row.code, row.count);
    case 'classes':
      return row.dataset.report ? classRows(row.dataset.report) : [];
    case 'users':
      return row.dataset.configurations.map((uri) => ({ kind: 'user', uri }));
    default:
      return [];
  }
}

function partsOf(dataset: KnownDataset): DatasetRow[] {
  const { report, failure, configurations } = dataset;
  const users: DatasetRow[] = configurations.length > 0 ? [{ kind: 'users', dataset }] : [];
  const failed: DatasetRow[] = failure
    ? [{ kind: 'fact', label: l10n.t('The check failed'), value: failure, icon: 'error' }]
    : [];
  if (!report) {
    const hint = l10n.t('Check it to see counts, problems and class frequencies.');
    return [
      ...failed,
      ...(failure ? [] : [{ kind: 'fact' as const, label: l10n.t('Not checked yet'), value: hint }]),
      ...users,
    ];
  }
  return [
    ...failed,
    ...(report.unusable
      ? [
          {
            kind: 'fact' as const,
            label: l10n.t('Cannot be used'),
            value: report.unusable,
            icon: 'error' as const,
          },
        ]
      : []),
    ...report.splits.map(splitRow),
    ...datasetProblemCodeSchema.options.flatMap((code): DatasetRow[] => {
      const count = report.counts[code] ?? 0;
      return count > 0 ? [{ kind: 'problems', dataset, code, count }] : [];
    }),
    { kind: 'classes', dataset },
    ...pictureRows(report),
    { kind: 'fact', label: l10n.t('Checked'), value: checkedText(report) },
    ...users,
  ];
}

function splitRow(split: SplitReport): DatasetRow {
  const { pairs, official, usable } = split;
  const icon =
    usable === 0 ? 'error' : usable < pairs || (official !== null && official !== pairs) ? 'warning' : 'pass';
  return { kind: 'fact', label: splitText(split.split), value: pairsText(split), icon };
}

function problemRows(dataset: KnownDataset, code: DatasetProblemCode, count: number): DatasetRow[] {
  const those = dataset.report?.problems.filter((problem) => problem.code === code) ?? [];
  const more = count - those.length;
  return [
    ...those.map((problem): DatasetRow => ({ kind: 'problem', dataset, problem })),
    ...(more > 0 ? [{ kind: 'more' as const, count: more }] : []),
  ];
}

/** Most frequent in training first: what is rare stands together at the end. */
function classRows({ classes, splits }: DatasetReport): DatasetRow[] {
  const read = splits.filter(({ statistics }) => statistics.samples > 0);
  const [first] = read;
  if (!first)
    return classes.map(({ name, color }) => ({ kind: 'class', name, color, value: '', tooltip: '' }));
  const share = ({ statistics: s }: SplitReport, id: number) =>
    shareText(s.classes[id]!.pixels, s.pixels - s.ignored);
  return classes
    .map((info, id) => ({ ...info, id, pixels: first.statistics.classes[id]!.pixels }))
    .sort((a, b) => b.pixels - a.pixels)
    .map(({ name, color, id }) => ({
      kind: 'class',
      name,
      color,
      value: read.map((split) => share(split, id)).join(' / '),
      tooltip: read
        .map((split) => {
          const { samples, classes: counted } = split.statistics;
          return l10n.t(
            '{0}: {1} of the labelled pixels, in {2} of the images',
            splitText(split.split),
            share(split, id),
            shareText(counted[id]!.samples, samples),
          );
        })
        .join('\n'),
    }));
}

function pictureRows({ splits }: DatasetReport): DatasetRow[] {
  return splits.flatMap(({ split, statistics: s }): DatasetRow[] => {
    if (!s.mean || !s.std) return [];
    const triple = (values: readonly number[]) => values.map((v) => v.toFixed(1)).join(' ');
    const size = (of: readonly number[] | null) => of?.join(' × ') ?? '';
    const sizes =
      size(s.smallest) === size(s.largest) ? size(s.smallest) : `${size(s.smallest)} – ${size(s.largest)}`;
    return [
      {
        kind: 'fact',
        label: l10n.t('{0} images', splitText(split)),
        value: [
          sizes,
          l10n.t('mean {0}', triple(s.mean)),
          l10n.t('deviation {0} (R G B)', triple(s.std)),
          l10n.t('{0} of the pixels ignored', shareText(s.ignored, s.pixels)),
        ].join(' · '),
      },
    ];
  });
}

export function rowLabel(row: DatasetRow): string {
  switch (row.kind) {
    case 'dataset':
      return row.dataset.title;
    case 'fact':
      return row.label;
    case 'problems':
      return problemsText(row.code);
    case 'problem':
      return basename(row.problem.file);
    case 'more':
      return l10n.t('and {0} more', row.count);
    case 'classes':
      return l10n.t('Classes');
    case 'class':
      return row.name;
    case 'users':
      return l10n.t('Used by');
    case 'user':
      return workspace.asRelativePath(row.uri);
    default:
      return row satisfies never;
  }
}
