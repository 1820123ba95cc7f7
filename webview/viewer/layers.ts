import { type DifferenceMode, differenceTable } from '../paint/difference';
import { difficultyRange, diverging, grey, noiseRange, type Range, sequential } from '../paint/heatmap';
import type { Layer } from '../paint/layer';
import { maskTable } from '../paint/mask';
import type { BytePlane, FloatPlane } from '../paint/plane';
import { classTable, type Table } from '../paint/table';
import { t } from '../ui/l10n';
import type { ClassInfo } from './inspect';
import type { Picture } from './picture';

/** In the order they stand on screen. */
export const paneIds = [
  'image',
  'label',
  'teacher',
  'student',
  'difference',
  'difficulty',
  'mask',
  'weight',
  'noise',
  'noise2',
  'composed',
] as const;
export type PaneId = (typeof paneIds)[number];

export const paneTitle: Record<PaneId, string> = {
  image: t('Image'),
  label: t('Ground truth'),
  teacher: t('Teacher'),
  student: t('Student'),
  difference: t('Where they differ'),
  difficulty: t('Difficulty'),
  mask: t('Hard pixels (TSE)'),
  noise: t('Noised label'),
  noise2: t('Noised label, second path'),
  weight: t('Weight in the task loss'),
  composed: t('Layers of your choice'),
};

/** How pictures are painted: what the controls of the panel set. */
export interface PaintOptions {
  hidden: ReadonlySet<number>;
  mode: DifferenceMode;
  stretch: boolean;
  /** What the pane `composed` shows: one layer over another. */
  composed?: { base: LayerId; over: LayerId; opacity: number } | undefined;
}
/** A pane that shows a layer of the sample. */
export type LayerId = Exclude<PaneId, 'composed'>;
export const layerIds = paneIds.filter((id) => id !== 'composed');

/** Panes a sample can fill, in the order they stand on screen. */
export function panesOf(picture: Picture): PaneId[] {
  const { bytes, floats, difference } = picture;
  const there: Record<PaneId, unknown> = {
    image: bytes.image,
    label: bytes.label,
    teacher: bytes.teacher,
    student: bytes.student,
    difference,
    difficulty: floats.difficulty,
    mask: bytes.mask,
    weight: floats.weight,
    noise: floats.noise,
    noise2: floats.noise2,
    // Not of the sample, but of the user's choice.
    composed: undefined,
  };
  return (Object.keys(there) as PaneId[]).filter((id) => there[id]);
}

/** The layers of a pane, from the bottom up. */
export function layersOf(
  pane: PaneId,
  picture: Picture,
  classes: readonly ClassInfo[],
  options: PaintOptions,
): Layer[] {
  const { bytes, floats, difference } = picture;
  switch (pane) {
    case 'image':
      return photo(bytes.image);
    case 'label':
    case 'teacher':
    case 'student': {
      const table = classTable(
        classes.map((c) => c.color),
        1,
        options.hidden,
      );
      return [...photo(bytes.image), ...over(bytes[pane], table)];
    }
    case 'difference':
      return [...photo(bytes.image), ...over(difference, differenceTable(options.mode, 1))];
    case 'difficulty':
      return heat(floats.difficulty, difficultyRangeOf(picture, options.stretch), sequential);
    case 'mask': {
      const beneath = floats.difficulty
        ? heat(floats.difficulty, difficultyRangeOf(picture, options.stretch), grey)
        : photo(bytes.image);
      return [...beneath, ...over(bytes.mask, maskTable(1))];
    }
    case 'weight':
      return heat(floats.weight, weightRangeOf(picture), sequential);
    case 'composed':
      return composed(picture, classes, options);
    case 'noise':
    case 'noise2':
      return heat(floats[pane], noiseRangeOf(picture), diverging);
    default:
      return pane satisfies never;
  }
}

/** A layer over another; each as its own pane shows it, without the photograph that lies beneath there. */
function composed(picture: Picture, classes: readonly ClassInfo[], options: PaintOptions): Layer[] {
  const { base, over, opacity } = options.composed ?? { base: 'image', over: 'student', opacity: 0.6 };
  const top = (id: LayerId): Layer[] =>
    layersOf(id, picture, classes, options)
      .slice(-1)
      .map(({ fades: _, ...layer }) => layer);
  return [...top(base), ...top(over).map((layer) => ({ ...layer, alpha: opacity }))];
}

/** Looks through every value, so it is done once for a picture. */
function oncePerPicture<T>(compute: (picture: Picture) => T): (picture: Picture) => T {
  const known = new WeakMap<Picture, { value: T }>();
  return (picture) => {
    let found = known.get(picture);
    if (!found) {
      found = { value: compute(picture) };
      known.set(picture, found);
    }
    return found.value;
  };
}

/** From nothing to what the heaviest pixel weighs. */
export const weightRangeOf = oncePerPicture((picture): Range => {
  let max = 0;
  for (const value of picture.floats.weight?.data ?? []) max = Math.max(max, value);
  return { min: 0, max: max || 1 };
});

const stretchedRangeOf = oncePerPicture(
  ({ floats }): Range => difficultyRange(floats.difficulty?.data ?? new Float32Array(), true),
);

export function difficultyRangeOf(picture: Picture, stretch: boolean): Range {
  return stretch ? stretchedRangeOf(picture) : difficultyRange(new Float32Array(), false);
}

/** One range for both paths, so that their colours compare. */
export const noiseRangeOf = oncePerPicture(
  ({ floats }): Range => noiseRange([floats.noise, floats.noise2].flatMap((p) => (p ? [p.data] : []))),
);

const photo = (plane: BytePlane | undefined): Layer[] => (plane ? [{ kind: 'photo', plane }] : []);

const over = (plane: BytePlane | undefined, table: Table): Layer[] =>
  plane ? [{ kind: 'table', plane, table, fades: true }] : [];

const heat = (plane: FloatPlane | undefined, range: Range, table: Table): Layer[] =>
  plane ? [{ kind: 'heat', plane, range, table }] : [];
