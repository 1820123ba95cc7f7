/** Red, green and blue in 0..255. */
type Rgb = [number, number, number];
type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/**
 * How linear red, green and blue are seen: with normal vision, and without the cones for long, middle and short waves
 * (Machado, Oliveira, Fernandes 2009, severity 1).
 */
export const visions: Readonly<Record<'normal' | 'protanopia' | 'deuteranopia' | 'tritanopia', Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Levels of each primary among which is chosen. */
const LEVELS = [0, 36, 73, 109, 146, 182, 219, 255];
/** Of lightness in OKLab: what is darker or brighter is lost on pictures, and on the editor's background. */
const DARKEST = 0.35;
const BRIGHTEST = 0.95;
const FIRST: Rgb = [0, 109, 182];

const chosen: Rgb[] = [];

/**
 * Colours that are told apart with any colour vision, as far as so many can be: each is as far as possible from all before
 * it, for whichever vision it is nearest. The first ones are the same whatever the count.
 */
export function distinctColors(count: number): Rgb[] {
  if (chosen.length < count) choose(count);
  return chosen.slice(0, count).map((color) => [...color]);
}

function choose(count: number): void {
  chosen.length = 0;
  const candidates = LEVELS.flatMap((r) => LEVELS.flatMap((g) => LEVELS.map((b): Rgb => [r, g, b])))
    .map((color) => ({ color, seen: seenBy(color), apart: Number.POSITIVE_INFINITY }))
    .filter(({ seen: [normal] }) => normal![0] >= DARKEST && normal![0] <= BRIGHTEST);
  let next = candidates.find(({ color }) => `${color}` === `${FIRST}`)!;
  for (;;) {
    chosen.push(next.color);
    if (chosen.length === count) return;
    for (const candidate of candidates)
      candidate.apart = Math.min(candidate.apart, apart(candidate.seen, next.seen));
    next = candidates.reduce((best, candidate) => (candidate.apart > best.apart ? candidate : best));
  }
}

/** How different two colours look to those to whom they look most alike: distance in OKLab, 0..1. */
export function leastDistance(a: Rgb, b: Rgb): number {
  return apart(seenBy(a), seenBy(b));
}

function apart(a: readonly Triple[], b: readonly Triple[]): number {
  return Math.min(...a.map((one, i) => Math.hypot(...one.map((part, k) => part - b[i]![k]!))));
}

/** In OKLab (Ottosson 2020), by vision. */
function seenBy(color: Rgb): Triple[] {
  const linear = color.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
  return Object.values(visions).map((matrix) => toOklab(times(matrix, linear)));
}

function toOklab(linear: Triple): Triple {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    // What a vision makes of a colour may lie a little outside of those that a screen can show.
    linear.map((part) => Math.min(1, Math.max(0, part))) as unknown as Triple,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones.map(Math.cbrt) as unknown as Triple,
  );
}

function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  return matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;
}
