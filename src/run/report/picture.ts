import { encode } from 'fast-png';
import type { LayerName } from '../../protocol/events';
import type { LayerData } from '../../protocol/panel';

/** Layers that are printed; the others are looked up pixel by pixel in the panels. */
export type PrintedName = Exclude<LayerName, 'weight' | 'teacherTop' | 'studentTop'>;
export type PrintedLayer = LayerData & { name: PrintedName };

export type Rgb = readonly [number, number, number];

/** A painted layer and what its colours mean. */
export interface Picture {
  /** PNG as a data URI. */
  src: string;
  width: number;
  height: number;
  /** Ends of a colour ramp, left to right. */
  ramp?: { css: string; left: string; right: string };
  /** Colours with a meaning of their own. */
  keys?: { color: Rgb; text: string }[];
}

const OVERLAY = 0.6;

/** Perceptually even, readable without colour vision: stops of matplotlib's viridis. */
const sequential = [
  '#440154',
  '#472d7b',
  '#3b528b',
  '#2c728e',
  '#21918c',
  '#28ae80',
  '#5ec962',
  '#addc30',
  '#fde725',
];
/** Blue through grey to red, for values around zero. */
const diverging = ['#2166ac', '#67a9cf', '#d1e5f0', '#f4f4f4', '#fddbc7', '#ef8a62', '#b2182b'];
/** RDD's mask: 1 = the student's hard pixels, 2 = the teacher's, 3 = both. */
const maskColors: readonly Rgb[] = [
  [235, 122, 36],
  [57, 135, 229],
  [213, 81, 189],
];

/** Paints a layer. `image`: the picture that label maps and masks lie over. */
export function paint(
  layer: PrintedLayer,
  image: LayerData | undefined,
  classes: readonly { color: Rgb }[],
): Picture {
  switch (layer.name) {
    case 'image':
      return { ...sizeOf(layer), src: png(layer, layer.channels, new Uint8Array(layer.data)) };
    case 'label':
    case 'teacher':
    case 'student':
      return over(layer, image, (id) => classes[id]?.color);
    case 'mask':
      return {
        ...over(layer, image, (id) => maskColors[id - 1]),
        keys: [
          { color: maskColors[0]!, text: 'hard for the student only' },
          { color: maskColors[1]!, text: 'hard for the teacher only' },
          { color: maskColors[2]!, text: 'hard for both' },
        ],
      };
    case 'difficulty':
      return difficulty(layer);
    case 'noise':
    case 'noise2':
      return noise(layer);
    default:
      return layer.name satisfies never;
  }
}

/** What a layer shows, in a few words. */
export const layerTitles: Record<PrintedName, string> = {
  image: 'Image',
  label: 'Label',
  teacher: 'Teacher',
  student: 'Student',
  difficulty: 'Difficulty for the teacher (RDD)',
  mask: 'Hard pixels (RDD)',
  noise: 'Noised label, first path (LAD)',
  noise2: 'Noised label, second path (LAD)',
};

/** Class colours over the grey of the image; pixels without a colour (255 is no class) show the image, darkened. */
function over(
  layer: LayerData,
  image: LayerData | undefined,
  colorOf: (value: number) => Rgb | undefined,
): Picture {
  const values = new Uint8Array(layer.data);
  const fits = image && image.width === layer.width && image.height === layer.height;
  const pixels = fits ? new Uint8Array(image.data) : undefined;
  const out = new Uint8Array(values.length * 3);
  for (const [i, value] of values.entries()) {
    const grey = pixels ? 0.3 * pixels[3 * i]! + 0.59 * pixels[3 * i + 1]! + 0.11 * pixels[3 * i + 2]! : 128;
    const color = colorOf(value);
    for (let c = 0; c < 3; c++)
      out[3 * i + c] = color ? OVERLAY * color[c]! + (1 - OVERLAY) * grey : 0.55 * grey;
  }
  return { ...sizeOf(layer), src: png(layer, 3, out) };
}

/** exp(-KL) of RDD, 1 = easy: the harder, the brighter. */
function difficulty(layer: LayerData): Picture {
  const values = new Float32Array(layer.data);
  const low = values.reduce((a, b) => Math.min(a, b), 1);
  const ramp = ramped(sequential);
  const out = colored(values, (v) => ramp((1 - v) / (1 - low || 1)));
  return {
    ...sizeOf(layer),
    src: png(layer, 3, out),
    ramp: { css: sequential.join(','), left: 'easy 1', right: `hard ${short(low)}` },
  };
}

function noise(layer: LayerData): Picture {
  const values = new Float32Array(layer.data);
  const limit = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const ramp = ramped(diverging);
  const out = colored(values, (v) => ramp(0.5 + v / (2 * limit)));
  return {
    ...sizeOf(layer),
    src: png(layer, 3, out),
    ramp: { css: diverging.join(','), left: short(-limit), right: short(limit) },
  };
}

function colored(values: Float32Array, colorOf: (value: number) => Rgb): Uint8Array {
  const out = new Uint8Array(values.length * 3);
  for (const [i, value] of values.entries()) out.set(colorOf(value), 3 * i);
  return out;
}

/** Colour at t in [0,1] between evenly spaced stops. */
function ramped(stops: readonly string[]): (t: number) => Rgb {
  const colors = stops.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  return (t) => {
    const position = Math.min(1, Math.max(0, t)) * (colors.length - 1);
    const i = Math.min(colors.length - 2, Math.floor(position));
    const mix = (c: number) =>
      Math.round(colors[i]![c]! + (position - i) * (colors[i + 1]![c]! - colors[i]![c]!));
    return [mix(0), mix(1), mix(2)];
  };
}

function sizeOf({ width, height }: LayerData): { width: number; height: number } {
  return { width, height };
}

function short(value: number): string {
  return Number(value.toPrecision(2)).toString();
}

function png({ width, height }: LayerData, channels: number, data: Uint8Array): string {
  const bytes = encode({ width, height, data, channels, depth: 8 });
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
}
