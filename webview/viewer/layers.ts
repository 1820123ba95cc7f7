import { type DifferenceMode, differenceTable } from '../paint/difference';
import {
  difficultyRange,
  diverging,
  grey,
  noiseRange,
  paintHeatmap,
  type Range,
  sequential,
} from '../paint/heatmap';
import { paintRgb } from '../paint/image';
import { maskTable } from '../paint/mask';
import { classTable, paintTable } from '../paint/table';
import type { ClassInfo } from './inspect';
import type { BytePlane, FloatPlane, Picture } from './picture';

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
  image: 'Image',
  label: 'Ground truth',
  teacher: 'Teacher',
  student: 'Student',
  difference: 'Where they differ',
  difficulty: 'Difficulty',
  mask: 'Hard pixels (TSE)',
  noise: 'Noised label',
  noise2: 'Noised label, second path',
  weight: 'Weight in the task loss',
  composed: 'Layers of your choice',
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

/** A painted layer as RGBA words, of any size: it is stretched over the whole pane. */
export interface Painted {
  width: number;
  height: number;
  pixels: Uint32Array<ArrayBuffer>;
  /** Drawn as opaque as the overlay is set; moving that slider paints nothing anew. */
  fades?: boolean;
  /** Drawn with an opacity of its own. */
  alpha?: number;
}

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
export function paintPane(
  pane: PaneId,
  picture: Picture,
  classes: readonly ClassInfo[],
  options: PaintOptions,
): Painted[] {
  const { bytes, floats, difference } = picture;
  switch (pane) {
    case 'image':
      return image(bytes.image);
    case 'label':
    case 'teacher':
    case 'student': {
      const table = classTable(
        classes.map((c) => c.color),
        1,
        options.hidden,
      );
      return [...image(bytes.image), ...fading(byTable(bytes[pane], table))];
    }
    case 'difference':
      return [...image(bytes.image), ...fading(byTable(difference, differenceTable(options.mode, 1)))];
    case 'difficulty':
      return heat(floats.difficulty, difficultyRangeOf(picture, options.stretch), sequential);
    case 'mask': {
      const beneath = floats.difficulty
        ? heat(floats.difficulty, difficultyRangeOf(picture, options.stretch), grey)
        : image(bytes.image);
      return [...beneath, ...fading(byTable(bytes.mask, maskTable(1)))];
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
function composed(picture: Picture, classes: readonly ClassInfo[], options: PaintOptions): Painted[] {
  const { base, over, opacity } = options.composed ?? { base: 'image', over: 'student', opacity: 0.6 };
  const top = (id: LayerId): Painted[] =>
    paintPane(id, picture, classes, options)
      .slice(-1)
      .map(({ width, height, pixels }) => ({ width, height, pixels }));
  return [...top(base), ...top(over).map((layer) => ({ ...layer, alpha: opacity }))];
}

const fading = (layers: Painted[]): Painted[] => layers.map((layer) => ({ ...layer, fades: true }));

/** From nothing to what the heaviest pixel weighs. */
export function weightRangeOf(picture: Picture): Range {
  let max = 0;
  for (const value of picture.floats.weight?.data ?? []) max = Math.max(max, value);
  return { min: 0, max: max || 1 };
}

export function difficultyRangeOf(picture: Picture, stretch: boolean): Range {
  return difficultyRange(picture.floats.difficulty?.data ?? new Float32Array(), stretch);
}

/** One range for both paths, so that their colours compare. */
export function noiseRangeOf(picture: Picture): Range {
  return noiseRange([picture.floats.noise, picture.floats.noise2].flatMap((p) => (p ? [p.data] : [])));
}

function blank({ width, height }: { width: number; height: number }): Painted {
  return { width, height, pixels: new Uint32Array(width * height) };
}

function image(plane: BytePlane | undefined): Painted[] {
  if (!plane) return [];
  const painted = blank(plane);
  paintRgb(plane.data, painted.pixels);
  return [painted];
}

function byTable(plane: BytePlane | undefined, table: Uint32Array): Painted[] {
  if (!plane) return [];
  const painted = blank(plane);
  paintTable(plane.data, table, painted.pixels);
  return [painted];
}

function heat(plane: FloatPlane | undefined, range: Range, table: Uint32Array): Painted[] {
  if (!plane) return [];
  const painted = blank(plane);
  paintHeatmap(plane.data, range, table, painted.pixels);
  return [painted];
}
