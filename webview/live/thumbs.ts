import { rgbText } from '../paint/color';
import { el, swatch } from '../ui/dom';
import { t } from '../ui/l10n';
import { type ClassInfo, className } from '../viewer/inspect';
import { layersOf, type PaneId, panesOf, paneTitle } from '../viewer/layers';
import type { Picture } from '../viewer/picture';
import { stack } from '../viewer/sheet';
import { whole } from '../viewer/viewport';
import { paneWords } from '../viewer/words';

const OPACITY = 0.6;
/** CSS pixels; live.css gives none more room. A browser without a GPU copies every canvas with every frame. */
const WIDEST = 420;
const options = { hidden: new Set<number>(), mode: 'all', stretch: true } as const;
const wanted: PaneId[] = ['student', 'teacher', 'difficulty', 'mask', 'noise', 'noise2'];

/** The newest sample in small: student first, then whatever the method has to show. */
export function thumbnails(picture: Picture, classes: readonly ClassInfo[]): HTMLElement[] {
  const there = panesOf(picture).filter((id) => wanted.includes(id));
  const shown = there.length > 0 ? there : panesOf(picture);
  return shown
    .sort((a, b) => wanted.indexOf(a) - wanted.indexOf(b))
    .map((id) => {
      const canvas = el('canvas', {
        class: 'thumb-canvas',
        role: 'img',
        'data-pane': id,
        'aria-label': `${paneTitle[id]}: ${paneWords(id, picture, classes)}`,
      });
      const scale = Math.min(1, (WIDEST * devicePixelRatio) / picture.width);
      const width = Math.max(1, Math.round(picture.width * scale));
      const height = Math.max(1, Math.round(picture.height * scale));
      canvas.width = width;
      canvas.height = height;
      const layers = layersOf(id, picture, classes, options);
      stack(canvas.getContext('2d')!, layers, [], { ...whole, width, height }, OPACITY);
      return el('figure', { class: 'thumb' }, canvas, el('figcaption', {}, paneTitle[id]));
    });
}

/** The classes in the picture as a row of swatches, so that the colours mean something here too. */
export function classKey(picture: Picture, classes: readonly ClassInfo[]): HTMLElement {
  const ids = [...picture.classes].filter((id) => classes[id]);
  return el(
    'ul',
    { class: 'key', 'aria-label': t('Classes in the picture') },
    ...ids.map((id) => el('li', {}, swatch(rgbText(classes[id]!.color)), className(classes, id))),
  );
}
