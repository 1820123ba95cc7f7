import { number, percent } from '../model/format';
import { rgbText, unpack } from '../paint/color';
import { type DifferenceMode, outcomeStyle, shownOutcomes } from '../paint/difference';
import { diverging, type Range, sequential } from '../paint/heatmap';
import { maskStyle } from '../paint/mask';
import type { Table } from '../paint/table';
import { el, swatch } from '../ui/dom';
import { t } from '../ui/l10n';
import { difficultyRangeOf, noiseRangeOf, type PaintOptions, type PaneId, weightRangeOf } from './layers';
import type { Picture } from './picture';

/** What the colours of a pane mean; null where the class list says it. */
export function legendOf(pane: PaneId, picture: Picture, options: PaintOptions): HTMLElement | null {
  switch (pane) {
    case 'difference':
      return outcomes(picture, options.mode);
    case 'difficulty':
      return scale(sequential, difficultyRangeOf(picture, options.stretch), t('hard'), t('easy'));
    case 'weight':
      return scale(sequential, weightRangeOf(picture), t('does not count'), '');
    case 'mask':
      return categories(
        maskStyle.map(({ label, color }, value) => ({
          label,
          color: color && rgbText(color),
          share: shareOf(picture, value),
        })),
      );
    case 'noise':
    case 'noise2':
      return scale(diverging, noiseRangeOf(picture), '', '');
    default:
      return null;
  }
}

function outcomes(picture: Picture, mode: DifferenceMode): HTMLElement {
  const teacher = picture.bytes.teacher !== undefined;
  return categories(
    shownOutcomes(mode, teacher).map((name) => ({
      label: teacher ? outcomeStyle[name].label : t('Wrong'),
      color: rgbText(outcomeStyle[name].color),
      share: picture.share(name),
    })),
  );
}

function categories(items: { label: string; color: string | null; share: number }[]): HTMLElement {
  return el(
    'ul',
    { class: 'categories' },
    ...items.map(({ label, color, share }) =>
      el(
        'li',
        {},
        color ? swatch(color) : el('span', { class: 'swatch none', 'aria-hidden': 'true' }),
        label,
        el('span', { class: 'share' }, `${percent(share, 1)} %`),
      ),
    ),
  );
}

function scale(table: Table, range: Range, low: string, high: string): HTMLElement {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const [r, g, b] = unpack(table[Math.round((i / 16) * 255)]!);
    return rgbText([r, g, b]);
  });
  const bar = el('span', { class: 'scale-bar', 'aria-hidden': 'true' });
  bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(', ')})`;
  return el(
    'div',
    { class: 'scale' },
    el('span', {}, low ? `${number(range.min)} ${low}` : number(range.min)),
    bar,
    el('span', {}, high ? `${number(range.max)} ${high}` : number(range.max)),
  );
}

function shareOf(picture: Picture, value: number): number {
  const pixels = picture.bytes.mask?.data.length ?? 0;
  return pixels > 0 ? picture.counts('mask')[value]! / pixels : 0;
}
