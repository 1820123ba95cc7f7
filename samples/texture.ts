/** Repeatable noise for textures: a value in [0, 1) per lattice point, and smooth interpolation between points. */

export function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(seed | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export function valueNoise(x: number, y: number, seed: number): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [smooth(x - ix), smooth(y - iy)];
  const upper = hash(ix, iy, seed) * (1 - fx) + hash(ix + 1, iy, seed) * fx;
  const lower = hash(ix, iy + 1, seed) * (1 - fx) + hash(ix + 1, iy + 1, seed) * fx;
  return upper * (1 - fy) + lower * fy;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
