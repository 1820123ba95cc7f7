import { at, clear, intArg, pointerArg } from './memory';

/**
 * out[o, r, :] = sum of weight[e] * x[o, index[e], :] over e in start[r] .. start[r + 1] - 1 (int32 start and index),
 * for `outer` slices of [columns, inner]. Arguments: x, to, start, index, weight, outer, rows, columns, inner, and how many
 * (o, r) a task takes.
 */
export function alongAxis(task: i32, args: usize): void {
  const x = pointerArg(args, 0);
  const to = pointerArg(args, 1);
  const start = pointerArg(args, 2);
  const index = pointerArg(args, 3);
  const weight = pointerArg(args, 4);
  const rows = intArg(args, 6);
  const columns = intArg(args, 7);
  const inner = intArg(args, 8);
  const perTask = intArg(args, 9);
  const end = min(intArg(args, 5) * rows, (task + 1) * perTask);
  for (let line = task * perTask; line < end; line++) {
    const target = at(to, line * inner);
    const slice = at(x, (line / rows) * columns * inner);
    const first = load<i32>(at(start, line % rows));
    const last = load<i32>(at(start, (line % rows) + 1));
    if (first === last) clear(target, inner);
    for (let e = first; e < last; e++)
      addScaled(
        at(slice, load<i32>(at(index, e)) * inner),
        load<f32>(at(weight, e)),
        target,
        inner,
        e > first,
      );
  }
}

/** to = or += by * from, n values. */
function addScaled(from: usize, by: f32, to: usize, n: i32, add: bool): void {
  const by4 = f32x4.splat(by);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const scaled = f32x4.mul(by4, v128.load(at(from, i)));
    v128.store(at(to, i), add ? f32x4.add(v128.load(at(to, i)), scaled) : scaled);
  }
  for (; i < n; i++) {
    const scaled = by * load<f32>(at(from, i));
    store<f32>(at(to, i), add ? load<f32>(at(to, i)) + scaled : scaled);
  }
}
