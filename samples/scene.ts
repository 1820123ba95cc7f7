import type { RandomStream } from '../src/engine/random';

/**
 * What stands in a scene, in metres: X to the right and Z forward of the camera, Y up from the ground. Confusable on
 * purpose: road and pavement share their greys, fences and buildings their paints, far trees and facades their haze.
 */
export interface Scene {
  /** Vanishing point as a share of width and height; focal length in image heights; camera above ground. */
  camera: { u: number; v: number; focal: number; height: number };
  road: { left: number; right: number; tone: Rgb; crossing: number | null; lane: number };
  pavement: { tone: Rgb; slab: number };
  walls: { side: -1 | 1; x: number; segments: Segment[]; fences: Segment[] }[];
  boxes: Car[];
  billboards: Billboard[];
  light: Light;
  /** Height of the far skyline in image heights, and which part of it is trees. */
  skyline: { height: number; trees: number; seed: number };
  hood: boolean;
  noise: number;
  blur: number;
  texture: number;
}

export type Rgb = readonly [number, number, number];

/** A stretch of a wall plane along Z. */
export interface Segment {
  from: number;
  to: number;
  kind: 'building' | 'fence' | 'gap';
  height: number;
  tone: Rgb;
  period: number;
  style: number;
}

export interface Car {
  x: number;
  z: number;
  tone: Rgb;
  length: number;
  height: number;
}

export interface Billboard {
  kind: 'tree' | 'person' | 'post';
  x: number;
  z: number;
  height: number;
  width: number;
  tone: Rgb;
  second: Rgb;
  seed: number;
}

export interface Light {
  /** Colour of everything lit, and how bright shade is. */
  sun: Rgb;
  shade: number;
  /** -1: the sun stands left, 1: right. */
  from: -1 | 1;
  /** Length of a shadow per metre of height; 0: overcast, no shadows. */
  shadow: number;
  sky: [Rgb, Rgb];
  /** Metres until haze has taken 63 %. */
  haze: number;
  night: boolean;
}

/** Shades that buildings and fences share. */
const PAINTS: Rgb[] = [
  [150, 84, 66],
  [172, 148, 116],
  [128, 124, 120],
  [112, 88, 70],
  [190, 180, 160],
  [96, 104, 112],
  [140, 112, 84],
];
const FENCE_PAINTS: Rgb[] = [...PAINTS, [82, 96, 66], [104, 78, 54], [70, 76, 74]];
const CAR_PAINTS: Rgb[] = [
  [168, 34, 36],
  [40, 62, 120],
  [200, 200, 204],
  [36, 36, 40],
  [122, 126, 130],
  [214, 170, 50],
  [60, 96, 84],
];
const CLOTHES: Rgb[] = [
  [170, 48, 44],
  [44, 70, 130],
  [196, 176, 70],
  [60, 62, 66],
  [206, 206, 200],
  [84, 110, 74],
];

export function drawScene(random: RandomStream): Scene {
  const between = (a: number, b: number) => a + (b - a) * random.uniform();
  const chance = (p: number) => random.uniform() < p;
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!;
  const shaded = (c: Rgb, spread: number): Rgb => {
    const all = between(-spread, spread);
    return [c[0] + all + between(-6, 6), c[1] + all + between(-6, 6), c[2] + all + between(-6, 6)];
  };

  const half = between(2, 3.2);
  const shift = between(-1.6, 1.6);
  const road = { left: shift - half, right: shift + half };
  const grey = between(82, 118);
  const paving = grey + between(12, 52);
  const warm = between(0, 18);
  const walks = [between(1.8, 4), between(1.8, 4)] as const;

  const segmentsOf = (): Segment[] => {
    const out: Segment[] = [];
    for (let z = between(-2, 2); z < 90; ) {
      const kind = chance(0.46) ? 'building' : chance(0.76) ? 'fence' : 'gap';
      const length = kind === 'building' ? between(5, 16) : kind === 'fence' ? between(5, 14) : between(2, 6);
      out.push({
        from: z,
        to: z + length,
        kind,
        height: kind === 'building' ? between(3.6, 12) : kind === 'fence' ? between(1.5, 3.2) : 0,
        tone: shaded(pick(kind === 'building' ? PAINTS : FENCE_PAINTS), 18),
        period: kind === 'building' ? between(1.8, 3.2) : between(0.25, 1.3),
        style: random.int(3),
      });
      z += length;
    }
    return out;
  };
  /** Fences in front of facades: part of a building's foot is hidden. */
  const frontFences = (): Segment[] =>
    chance(0.5)
      ? [between(1, 8), between(14, 30)].map((from) => ({
          from,
          to: from + between(4, 10),
          kind: 'fence' as const,
          height: between(0.9, 1.9),
          tone: shaded(pick(FENCE_PAINTS), 18),
          period: between(0.25, 0.9),
          style: random.int(3),
        }))
      : [];
  const walls = ([-1, 1] as const).map((side) => ({
    side,
    x: side < 0 ? road.left - walks[0] : road.right + walks[1],
    segments: segmentsOf(),
    fences: frontFences(),
  }));

  const beside = (side: -1 | 1, inset: number) => (side < 0 ? road.left - inset : road.right + inset);
  const anySide = (): -1 | 1 => (chance(0.5) ? -1 : 1);

  const boxes: Car[] = Array.from({ length: random.int(5) }, () => {
    const inLane = chance(0.3);
    const x = inLane ? between(road.left + 1.2, road.right - 1.2) : beside(anySide(), -1.05);
    const tone = shaded(pick(chance(0.2) ? PAINTS : CAR_PAINTS), 14);
    return { x, z: between(inLane ? 7 : 4, 20), tone, length: between(3.4, 5), height: between(1.35, 1.95) };
  });

  const green = chance(0.2) ? ([150, 108, 36] as Rgb) : ([54, 104, 34] as Rgb);
  const trees: Billboard[] = Array.from({ length: 1 + random.int(6) }, () => {
    const side = anySide();
    return {
      kind: 'tree',
      x: beside(side, between(0.4, walks[side < 0 ? 0 : 1])),
      z: between(4.5, 22),
      height: between(3.6, 7.5),
      width: between(2.2, 4.6),
      tone: shaded(green, 16),
      second: [70, 54, 42],
      seed: random.int(1 << 20),
    };
  });
  const people: Billboard[] = Array.from({ length: chance(0.5) ? 1 + random.int(3) : 0 }, () => ({
    kind: 'person',
    x: chance(0.75) ? beside(anySide(), between(0.2, 1.4)) : between(road.left, road.right),
    z: between(4, 11),
    height: between(1.5, 1.9),
    width: between(0.55, 0.8),
    tone: shaded(pick(CLOTHES), 14),
    second: shaded([52, 52, 64], 16),
    seed: random.int(1 << 20),
  }));
  const posts: Billboard[] = Array.from({ length: random.int(3) }, () => ({
    kind: 'post',
    x: beside(anySide(), between(0.2, 0.6)),
    z: between(4, 22),
    height: between(2.2, 5),
    width: between(0.12, 0.22),
    tone: [88, 90, 92],
    second: [160, 160, 150],
    seed: 0,
  }));

  return {
    camera: {
      u: between(0.36, 0.64),
      v: between(0.4, 0.54),
      focal: between(0.9, 1.25),
      height: between(2.1, 3),
    },
    road: {
      ...road,
      tone: [grey - 3, grey, grey + 7],
      crossing: chance(0.25) ? between(6, 16) : null,
      lane: random.int(3),
    },
    pavement: { tone: [paving + warm, paving + warm * 0.5, paving], slab: between(0.7, 1.6) },
    walls,
    boxes,
    billboards: [...trees, ...people, ...posts],
    light: drawLight(random),
    skyline: { height: between(0.02, 0.12), trees: random.uniform(), seed: random.int(1 << 20) },
    hood: chance(0.25),
    noise: between(2, 9),
    blur: between(0, 0.6),
    texture: random.int(1 << 20),
  };
}

/** Noon, morning or evening sun, overcast, dusk. */
function drawLight(random: RandomStream): Light {
  const between = (a: number, b: number) => a + (b - a) * random.uniform();
  const from = random.uniform() < 0.5 ? -1 : 1;
  switch (random.int(5)) {
    case 0: // overcast
      return light(
        between(0.72, 0.92),
        [1, 1, 1.03],
        from,
        0.86,
        0,
        [
          [188, 192, 198],
          [206, 208, 210],
        ],
        between(45, 140),
        false,
      );
    case 1: // low sun
      return light(
        between(0.85, 1.05),
        [1.12, 0.98, 0.8],
        from,
        0.5,
        between(0.8, 1.8),
        [
          [128, 152, 190],
          [236, 206, 168],
        ],
        between(60, 160),
        false,
      );
    case 2: // dusk
      return light(
        between(0.4, 0.58),
        [0.92, 0.96, 1.18],
        from,
        0.9,
        0,
        [
          [66, 82, 124],
          [150, 132, 142],
        ],
        between(70, 200),
        true,
      );
    default: // day
      return light(
        between(0.95, 1.2),
        [1.02, 1, 0.96],
        from,
        0.58,
        between(0.2, 0.9),
        [
          [96, 150, 214],
          [192, 212, 230],
        ],
        between(90, 300),
        false,
      );
  }
}

function light(
  gain: number,
  tint: Rgb,
  from: -1 | 1,
  shade: number,
  shadow: number,
  sky: [Rgb, Rgb],
  haze: number,
  night: boolean,
): Light {
  return { sun: [gain * tint[0], gain * tint[1], gain * tint[2]], from, shade, shadow, sky, haze, night };
}
