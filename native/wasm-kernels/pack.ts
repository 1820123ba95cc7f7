import { at, intArg, pointerArg, transpose4 } from './memory';
import { COLUMNS } from './product';

// Right operands of `product`, packed in parallel before the products begin.

/** Rows that one task of `packRows` takes. */
export const PACK_ROWS: i32 = 64;

/** Task of [depth, columns] row-major -> panels of 8 columns. Arguments: from, to, depth, columns. */
export function packRows(task: i32, args: usize): void {
  const from = pointerArg(args, 0);
  const to = pointerArg(args, 1);
  const depth = intArg(args, 2);
  const columns = intArg(args, 3);
  const last = min(depth, (task + 1) * PACK_ROWS);
  for (let k = task * PACK_ROWS; k < last; k++) {
    const row = at(from, k * columns);
    let j = 0;
    for (; j + COLUMNS <= columns; j += COLUMNS) {
      const target = at(to, j * depth + k * COLUMNS);
      v128.store(target, v128.load(at(row, j)));
      v128.store(target, v128.load(at(row, j), 16), 16);
    }
    if (j < columns) {
      const target = at(to, j * depth + k * COLUMNS);
      for (let c = 0; c < COLUMNS; c++)
        store<f32>(at(target, c), j + c < columns ? load<f32>(at(row, j + c)) : 0);
    }
  }
}

/**
 * Task of a filter [taps, cin, cout] -> the right operand [taps * cout, cin] in panels of 8 of its columns; one task per
 * tap and panel. Arguments: from, to, taps, cin, cout.
 */
export function packTransposed(task: i32, args: usize): void {
  const from = pointerArg(args, 0);
  const to = pointerArg(args, 1);
  const taps = intArg(args, 2);
  const cin = intArg(args, 3);
  const cout = intArg(args, 4);
  const tap = task % taps;
  const first = (task / taps) * COLUMNS;
  const source = at(from, (tap * cin + first) * cout);
  let target = at(to, first * taps * cout + tap * cout * COLUMNS);
  let k = 0;
  if (first + COLUMNS <= cin)
    for (; k + 4 <= cout; k += 4) {
      transposeRows(at(source, k), cout, target);
      transposeRows(at(source, 4 * cout + k), cout, target + 16);
      target += 4 * COLUMNS * 4;
    }
  for (; k < cout; k++) {
    for (let c = 0; c < COLUMNS; c++)
      store<f32>(at(target, c), first + c < cin ? load<f32>(at(source, c * cout + k)) : 0);
    target += COLUMNS * 4;
  }
}

/** Four rows of four, `columns` floats apart, turned and into rows of 8. */
function transposeRows(from: usize, columns: i32, to: usize): void {
  transpose4(
    v128.load(from),
    v128.load(at(from, columns)),
    v128.load(at(from, 2 * columns)),
    v128.load(at(from, 3 * columns)),
    to,
    4 * COLUMNS,
  );
}
