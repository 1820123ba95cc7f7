import { at, intArg, pointerArg } from './memory';

// Batch norm over [rows, channels]. A task takes a range of rows.

/** Rows summed in float32 before they are added up in double precision. */
export const CHUNK: i32 = 64;

function addTo(doubles: usize, values: v128): void {
  v128.store(doubles, f64x2.add(v128.load(doubles), f64x2.promote_low_f32x4(values)));
  const high = v128.shuffle<i32>(values, values, 2, 3, 2, 3);
  v128.store(doubles, f64x2.add(v128.load(doubles, 16), f64x2.promote_low_f32x4(high)), 16);
}

/**
 * Sums over a task's rows, for every channel: of a, and of a * (b - centre). With `square`, b - centre takes the place of a.
 * Arguments: a, b, centre, rows, channels, square, rows per task, and where the sums go: float64 [tasks, 2, channels].
 */
export function channelSums(task: i32, args: usize): void {
  const a = pointerArg(args, 0);
  const b = pointerArg(args, 1);
  const centre = pointerArg(args, 2);
  const c = intArg(args, 4);
  const square = intArg(args, 5) !== 0;
  const perTask = intArg(args, 6);
  const sumA = pointerArg(args, 7) + ((<usize>(task * 2 * c)) << 3);
  const sumProduct = sumA + ((<usize>c) << 3);
  const begin = task * perTask;
  const end = min(intArg(args, 3), begin + perTask);
  for (let k = 0; k < 2 * c; k++) store<f64>(sumA + ((<usize>k) << 3), 0);
  const step = (<usize>c) << 2;
  const vectors = c & ~3;
  for (let first = begin; first < end; first += CHUNK) {
    const n = min(CHUNK, end - first);
    for (let k = 0; k < vectors; k += 4) {
      const m = v128.load(at(centre, k));
      let pa = at(a, first * c + k);
      let pb = at(b, first * c + k);
      let s = f32x4.splat(0);
      let q = f32x4.splat(0);
      for (let i = 0; i < n; i++) {
        const distance = f32x4.sub(v128.load(pb), m);
        const value = square ? distance : v128.load(pa);
        s = f32x4.add(s, value);
        q = f32x4.add(q, f32x4.mul(value, distance));
        pa += step;
        pb += step;
      }
      addTo(sumA + ((<usize>k) << 3), s);
      addTo(sumProduct + ((<usize>k) << 3), q);
    }
    for (let k = vectors; k < c; k++) {
      const m = load<f32>(at(centre, k));
      let s: f64 = 0;
      let q: f64 = 0;
      for (let i = first; i < first + n; i++) {
        const distance = load<f32>(at(b, i * c + k)) - m;
        const value = square ? distance : load<f32>(at(a, i * c + k));
        s += value;
        q += value * distance;
      }
      const toA = sumA + ((<usize>k) << 3);
      const toProduct = sumProduct + ((<usize>k) << 3);
      store<f64>(toA, load<f64>(toA) + s);
      store<f64>(toProduct, load<f64>(toProduct) + q);
    }
  }
}

/** to = x * scale + shift per channel. Arguments: x, scale, shift, to, rows, channels, rows per task. */
export function channelAffine(task: i32, args: usize): void {
  const scale = pointerArg(args, 1);
  const shift = pointerArg(args, 2);
  const c = intArg(args, 5);
  const perTask = intArg(args, 6);
  const begin = task * perTask;
  const end = min(intArg(args, 4), begin + perTask);
  let x = at(pointerArg(args, 0), begin * c);
  let to = at(pointerArg(args, 3), begin * c);
  for (let r = begin; r < end; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4)
      v128.store(
        at(to, k),
        f32x4.add(f32x4.mul(v128.load(at(x, k)), v128.load(at(scale, k))), v128.load(at(shift, k))),
      );
    for (; k < c; k++)
      store<f32>(at(to, k), load<f32>(at(x, k)) * load<f32>(at(scale, k)) + load<f32>(at(shift, k)));
    x = at(x, c);
    to = at(to, c);
  }
}

/**
 * to = scale * (dy + (x - centre) * slope + offset) per channel. Arguments: dy, x, centre, slope, offset, scale, to, rows,
 * channels, rows per task.
 */
export function channelNormGrad(task: i32, args: usize): void {
  const centre = pointerArg(args, 2);
  const slope = pointerArg(args, 3);
  const offset = pointerArg(args, 4);
  const scale = pointerArg(args, 5);
  const c = intArg(args, 8);
  const perTask = intArg(args, 9);
  const begin = task * perTask;
  const end = min(intArg(args, 7), begin + perTask);
  let dy = at(pointerArg(args, 0), begin * c);
  let x = at(pointerArg(args, 1), begin * c);
  let to = at(pointerArg(args, 6), begin * c);
  for (let r = begin; r < end; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4) {
      const distance = f32x4.sub(v128.load(at(x, k)), v128.load(at(centre, k)));
      const sum = f32x4.add(
        f32x4.add(v128.load(at(dy, k)), v128.load(at(offset, k))),
        f32x4.mul(distance, v128.load(at(slope, k))),
      );
      v128.store(at(to, k), f32x4.mul(sum, v128.load(at(scale, k))));
    }
    for (; k < c; k++) {
      const distance = load<f32>(at(x, k)) - load<f32>(at(centre, k));
      const sum = load<f32>(at(dy, k)) + load<f32>(at(offset, k)) + distance * load<f32>(at(slope, k));
      store<f32>(at(to, k), sum * load<f32>(at(scale, k)));
    }
    x = at(x, c);
    dy = at(dy, c);
    to = at(to, c);
  }
}
