import { number, percent } from '../model/format';
import { quantile } from '../paint/heatmap';
import { t } from '../ui/l10n';
import { type ClassInfo, className } from './inspect';
import type { PaneId } from './layers';
import type { Picture } from './picture';

/** The text alternative of a pane: what a person would say is seen there. */
export function paneWords(pane: PaneId, picture: Picture, classes: readonly ClassInfo[]): string {
  const { floats, key } = picture;
  switch (pane) {
    case 'image':
      return t('the photograph “{0}”, {1} by {2} pixels', key.id, picture.width, picture.height);
    case 'label':
    case 'teacher':
    case 'student':
      return largest(picture.counts(pane), classes);
    case 'difference': {
      const wrong = (['studentWrong', 'sameMistake', 'ownMistakes'] as const).reduce(
        (s, o) => s + picture.share(o),
        0,
      );
      return t('the student errs on {0} % of the labelled pixels', percent(wrong, 1));
    }
    case 'difficulty': {
      const at = (q: number) => number(quantile(floats.difficulty!.data, q));
      return t('1 is easy; the hardest tenth lies below {0}, the median is {1}', at(0.1), at(0.5));
    }
    case 'mask':
      return t('which pixels the second stage of RDD keeps, over the difficulty map in grey');
    case 'weight': {
      const at = (q: number) => number(quantile(floats.weight!.data, q));
      return t(
        'how much every pixel counts; half of them weigh {0} or less, the heaviest {1}',
        at(0.5),
        at(1),
      );
    }
    case 'composed':
      return t('one layer over another, as chosen above');
    case 'noise':
    case 'noise2': {
      const at = (q: number) => number(quantile(floats[pane]!.data, q));
      return t("the teacher's extra input; values from {0} to {1}", at(0), at(1));
    }
    default:
      return pane satisfies never;
  }
}

/** The three classes that cover most of a map. */
function largest(counts: Uint32Array, classes: readonly ClassInfo[]): string {
  const all = counts.reduce((sum, n) => sum + n, 0);
  return [...counts.keys()]
    .filter((id) => counts[id]! > 0)
    .sort((a, b) => counts[b]! - counts[a]!)
    .slice(0, 3)
    .map((id) => `${className(classes, id)} ${percent(counts[id]! / all, 0)} %`)
    .join(', ');
}
