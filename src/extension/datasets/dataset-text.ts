import { l10n } from 'vscode';
import {
  type DatasetProblemCode,
  type DatasetReport,
  hindering,
  type SplitName,
  type SplitReport,
} from '../../protocol/dataset-report';

/** How people read what a check found: short words, the same in the view, its tooltips and messages. */

export function splitText(split: SplitName): string {
  const texts: Record<SplitName, string> = {
    train: l10n.t('Training'),
    val: l10n.t('Validation'),
    test: l10n.t('Test'),
  };
  return texts[split];
}

export function problemsText(code: DatasetProblemCode): string {
  const texts: Record<DatasetProblemCode, string> = {
    'dataset-pair': l10n.t('Incomplete pairs'),
    'image-unreadable': l10n.t('Unreadable files'),
    'dataset-size': l10n.t('Sizes that differ'),
    'dataset-label': l10n.t('Values that are no class ids'),
    'label-without-image': l10n.t('Label maps without image'),
  };
  return texts[code];
}

/** `no problem found`, `3 problems`, `cannot be used` */
export function verdictText(report: DatasetReport): string {
  if (report.unusable) return l10n.t('cannot be used');
  const count = hindering(report);
  if (count > 0) return count === 1 ? l10n.t('1 problem') : l10n.t('{0} problems', count);
  return report.full ? l10n.t('every file is fine') : l10n.t('no problem found');
}

/** `367 pairs as in the release`, `360 pairs, 367 in the release · 358 usable` */
export function pairsText({ pairs, official, usable }: SplitReport): string {
  const count =
    official === null
      ? l10n.t('{0} pairs', pairs)
      : official === pairs
        ? l10n.t('{0} pairs, as released', pairs)
        : l10n.t('{0} pairs, {1} in the release', pairs, official);
  return usable === pairs ? count : `${count} · ${l10n.t('{0} usable', usable)}`;
}

export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  return l10n.t('{0} %', percent > 0 && percent < 0.1 ? percent.toPrecision(1) : percent.toFixed(1));
}

/** How much was read, and when. */
export function checkedText({ full, splits, checkedAt }: DatasetReport): string {
  const when = new Date(checkedAt).toLocaleString();
  const decoded = splits.reduce((sum, split) => sum + split.decoded, 0);
  const pairs = splits.reduce((sum, split) => sum + split.pairs, 0);
  return full
    ? l10n.t('{0}, every file', when)
    : l10n.t('{0}, {1} of {2} pairs read in full', when, decoded, pairs);
}
