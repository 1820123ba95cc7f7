import type { RandomStream } from '../../engine/random';

/** A photometric distortion; null: this part is left out. */
export interface ColourDraw {
  /** Added to every byte. */
  brightness: number | null;
  /** Multiplies every byte, before or after saturation and hue. */
  contrast: number | null;
  contrastFirst: boolean;
  /** Multiplies S. */
  saturation: number | null;
  /** Added to H, of 180. */
  hue: number | null;
}

/** Defaults of mmsegmentation's PhotoMetricDistortion. */
const BRIGHTNESS = 32;
const LEAST_FACTOR = 0.5;
const MOST_FACTOR = 1.5;
const HUE = 18;

/** Draws in mmsegmentation's order. The hue is of -18..17: NumPy's randint leaves the upper end out. */
export function drawColour(random: Pick<RandomStream, 'int' | 'uniform'>): ColourDraw {
  const maybe = (draw: () => number) => (random.int(2) === 1 ? draw() : null);
  const factor = () => LEAST_FACTOR + random.uniform() * (MOST_FACTOR - LEAST_FACTOR);
  const brightness = maybe(() => -BRIGHTNESS + random.uniform() * 2 * BRIGHTNESS);
  const contrastFirst = random.int(2) === 1;
  let contrast = contrastFirst ? maybe(factor) : null;
  const saturation = maybe(factor);
  const hue = maybe(() => random.int(2 * HUE) - HUE);
  if (!contrastFirst) contrast = maybe(factor);
  return { brightness, contrast, contrastFirst, saturation, hue };
}

/** What is done to every pixel of a crop, one after the other. */
export type ColourStep =
  /** A table for every byte. */
  | { kind: 'bytes'; table: Uint8Array }
  /** To HSV, H turned by `hue` (0..179), S times `saturation`, and back. */
  | { kind: 'hsv'; hue: number; saturation: number };

/**
 * mmsegmentation's PhotoMetricDistortion with given draws: brightness, contrast, saturation, hue, contrast, each on bytes
 * again.
 */
export function colourSteps({
  brightness,
  contrast,
  contrastFirst,
  saturation,
  hue,
}: ColourDraw): ColourStep[] {
  const steps: ColourStep[] = [];
  const contrasted = contrast === null ? [] : [converted(contrast, 0)];
  const before = [
    ...(brightness === null ? [] : [converted(1, brightness)]),
    ...(contrastFirst ? contrasted : []),
  ];
  if (before.length > 0) steps.push({ kind: 'bytes', table: inTurn(before) });
  if (saturation !== null) steps.push({ kind: 'hsv', hue: 0, saturation });
  if (hue !== null) steps.push({ kind: 'hsv', hue: (hue + 180) % 180, saturation: 1 });
  if (!contrastFirst && contrasted.length > 0) steps.push({ kind: 'bytes', table: contrasted[0]! });
  return steps;
}

/** Every byte times alpha plus beta in float32, clipped and truncated. */
function converted(alpha: number, beta: number): Uint8Array {
  const [a, b] = [Math.fround(alpha), Math.fround(beta)];
  return Uint8Array.from({ length: 256 }, (_, v) =>
    Math.trunc(Math.min(Math.max(Math.fround(Math.fround(v * a) + b), 0), 255)),
  );
}

function identity(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, v) => v);
}

function inTurn(tables: readonly Uint8Array[]): Uint8Array {
  return identity().map((v) => tables.reduce((value, table) => table[value]!, v));
}
