import type { RandomStream } from '../../engine/random';
import { mapHsv } from './hsv';

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

/**
 * mmsegmentation's PhotoMetricDistortion with given draws: brightness, contrast, saturation, hue, contrast, each on bytes
 * again. What changes single bytes is a table.
 * @param data RGB, changed in place
 * @param width of a row in pixels
 */
export function distort(data: Uint8Array, width: number, draw: ColourDraw): void {
  const { brightness, contrast, contrastFirst, saturation, hue } = draw;
  const before: Uint8Array[] = [];
  if (brightness !== null) before.push(converted(1, brightness));
  const contrasted = contrast === null ? undefined : converted(contrast, 0);
  if (contrasted && contrastFirst) before.push(contrasted);
  mapBytes(data, before);
  if (saturation !== null) mapHsv(data, width, identity(180), converted(saturation, 0));
  if (hue !== null)
    mapHsv(
      data,
      width,
      identity(180).map((h) => (h + hue + 180) % 180),
      identity(256),
    );
  if (contrasted && !contrastFirst) mapBytes(data, [contrasted]);
}

/** Every byte times alpha plus beta in float32, clipped and truncated. */
function converted(alpha: number, beta: number): Uint8Array {
  const [a, b] = [Math.fround(alpha), Math.fround(beta)];
  return Uint8Array.from({ length: 256 }, (_, v) =>
    Math.trunc(Math.min(Math.max(Math.fround(Math.fround(v * a) + b), 0), 255)),
  );
}

function identity(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, v) => v);
}

function mapBytes(data: Uint8Array, tables: readonly Uint8Array[]): void {
  if (tables.length === 0) return;
  const table = identity(256).map((v) => tables.reduce((value, t) => t[value]!, v));
  for (let i = 0; i < data.length; i++) data[i] = table[data[i]!]!;
}
