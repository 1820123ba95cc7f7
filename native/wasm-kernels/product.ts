import { at, multiplyAdd } from './memory';

// Products of packed matrices. The left operand lies in panels of 4 rows, [depth][4] each, the right one in panels of 8
// columns, [depth][8] each; both are padded with zeros. The 8 vectors of sums are as many as keep two multipliers busy, and
// with all the operands of a step they fit into the 15 registers that V8 gives to x64 code, in whatever order it takes them:
// 6 x 8 is faster on paper and spills.

export const ROWS: i32 = 4;
export const COLUMNS: i32 = 8;
/** Steps of a sum kept in registers before it is added to memory; both panels then fit into the first cache. */
export const DEPTH: i32 = 256;

/**
 * c[4 x 8] = or += a * b; `step` is the byte length of a row of c. Both operands come step by step, 4 and 8 values,
 * `aStep` and `bStep` bytes after the ones before.
 */
export function tile(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  depth: i32,
  c: usize,
  step: usize,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (let i = 0; i < depth; i++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = multiplyAdd(s, b0, c00);
    c01 = multiplyAdd(s, b1, c01);
    s = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(s, b0, c10);
    c11 = multiplyAdd(s, b1, c11);
    s = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(s, b0, c20);
    c21 = multiplyAdd(s, b1, c21);
    s = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(s, b0, c30);
    c31 = multiplyAdd(s, b1, c31);
    a += aStep;
    b += bStep;
  }
  put(c, c00, c01, add);
  put(c + step, c10, c11, add);
  put(c + 2 * step, c20, c21, add);
  put(c + 3 * step, c30, c31, add);
}

/** The same with the left operand row by row, rows `aRow` bytes apart, and a packed right one. */
export function rowsTile(
  a: usize,
  aRow: usize,
  b: usize,
  depth: i32,
  c: usize,
  step: usize,
  add: bool,
): void {
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (let i = 0; i < depth; i++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = multiplyAdd(s, b0, c00);
    c01 = multiplyAdd(s, b1, c01);
    s = v128.load_splat<f32>(a1);
    c10 = multiplyAdd(s, b0, c10);
    c11 = multiplyAdd(s, b1, c11);
    s = v128.load_splat<f32>(a2);
    c20 = multiplyAdd(s, b0, c20);
    c21 = multiplyAdd(s, b1, c21);
    s = v128.load_splat<f32>(a3);
    c30 = multiplyAdd(s, b0, c30);
    c31 = multiplyAdd(s, b1, c31);
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 4 * COLUMNS;
  }
  put(c, c00, c01, add);
  put(c + step, c10, c11, add);
  put(c + 2 * step, c20, c21, add);
  put(c + 3 * step, c30, c31, add);
}

function put(c: usize, low: v128, high: v128, add: bool): void {
  if (add) {
    low = f32x4.add(v128.load(c), low);
    high = f32x4.add(v128.load(c, 16), high);
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}

/**
 * c[rows x columns] = or += a * b for packed panels; `b` begins at the first panel, `bStep` bytes from one to the next,
 * `step` bytes from one row of c to the next. `edge` is room for one tile.
 */
export function product(
  a: usize,
  rows: i32,
  b: usize,
  bStep: usize,
  columns: i32,
  depth: i32,
  c: usize,
  step: usize,
  add: bool,
  edge: usize,
): void {
  for (let j = 0; j < columns; j += COLUMNS) {
    const wide = min(COLUMNS, columns - j);
    for (let i = 0; i < rows; i += ROWS) {
      const high = min(ROWS, rows - i);
      const target = at(c, j) + <usize>i * step;
      const panel = a + ((<usize>(i * depth)) << 2);
      if (wide === COLUMNS && high === ROWS) tile(panel, 4 * ROWS, b, 4 * COLUMNS, depth, target, step, add);
      else {
        tile(panel, 4 * ROWS, b, 4 * COLUMNS, depth, edge, 4 * COLUMNS, false);
        for (let r = 0; r < high; r++)
          for (let k = 0; k < wide; k++) {
            const to = at(target + <usize>r * step, k);
            const value = load<f32>(at(edge, r * COLUMNS + k));
            store<f32>(to, add ? load<f32>(to) + value : value);
          }
      }
    }
    b += bStep;
  }
}
