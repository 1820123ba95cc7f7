/**
 * Text of a matrix product in tiles, result [rows, columns] = A [rows, depth] x B [depth, columns], for convolutions
 * written as such (implicit im2col). B lies in memory as it is; where A's values come from is the caller's.
 *
 * 256 threads compute one tile of the result, each rows/16 x columns/16 values in registers, 16 steps of depth at a time
 * through shared memory, while the next 16 are already on their way from the device's memory. A product with few tiles
 * is cut along its depth (`p.share` steps per part), so that all of the GPU has work; the parts are added afterwards in
 * a fixed order, so that results repeat bit for bit.
 */
export interface GemmTile {
  /** 64 or 128 each. */
  rows: number;
  columns: number;
}

/**
 * Where A's values come from. A thread loads a few vectors of four values per 16 steps of depth, always of the same rows,
 * so the caller keeps what it knows of each in variables, and moves them on instead of dividing anew.
 */
export interface GemmSource {
  /** How a vector of four values of A runs: along the depth (rows are far apart in memory) or along the rows. */
  vectors: 'depth' | 'rows';
  /** Whether B's and the result's rows are a multiple of four long. */
  wideColumns: boolean;
  /** Functions that the others need. */
  declarations: string;
  /** Statements before the loop for vector `i` in row `row` (of its first value), beginning at depth `depth`. */
  prepare: (i: number, row: string, depth: string) => string;
  /** Expression: its values at this depth. */
  load: (i: number) => string;
  /** Statements that move it on by DEPTH. */
  advance: (i: number) => string;
}

/** Steps of depth in shared memory. */
export const DEPTH = 16;
const THREADS = 256;

/** Parameters every product has; the caller's come behind. */
export const GEMM_PARAMS = { rows: 'u32', columns: 'u32', depth: 'u32', share: 'u32' } as const;

export function gemmText(tile: GemmTile, a: GemmSource): string {
  const { rows, columns } = tile;
  const loadsA = (rows * DEPTH) / 4 / THREADS;
  const loadsB = (columns * DEPTH) / 4 / THREADS;
  const perThread = { rows: rows / 16, columns: columns / 64 };
  const each = (n: number, line: (i: number) => string) =>
    Array.from({ length: n }, (_, i) => line(i)).join('\n');
  const byDepth = a.vectors === 'depth';
  // Of the i-th vector a thread loads: where in the tile, by number.
  const slot = (i: number) => `(t + ${i * THREADS}u)`;
  const rowOf = (i: number) =>
    byDepth ? `(tileRow + ${slot(i)} / ${DEPTH / 4}u)` : `(tileRow + ${slot(i)} % ${rows / 4}u * 4u)`;
  const depthOf = (i: number) =>
    byDepth ? `(k + ${slot(i)} % ${DEPTH / 4}u * 4u)` : `(k + ${slot(i)} / ${rows / 4}u)`;
  // A thread's rows: groups of four neighbours, 64 apart.
  const row = (i: number) => `${(i >> 2) * 64}u + ty * 4u + ${i & 3}u`;
  /** One step of depth: the thread's values of A times those of B in row `d` of the tile. */
  const multiplyStep = (d: string, id: string, valueA: (i: number) => string) =>
    [
      each(perThread.columns, (j) => `let b${id}_${j} = tileB[${d} * ${columns / 4}u + ${16 * j}u + tx];`),
      each(perThread.rows, (i) =>
        each(perThread.columns, (j) => `s${i}_${j} = fma(vec4f(${valueA(i)}), b${id}_${j}, s${i}_${j});`),
      ),
    ].join('\n');

  // Loops and not their text sixteen times over: compilers unroll them where that is faster.
  const multiply = byDepth
    ? `for (var q = 0u; q < ${DEPTH / 4}u; q++) {
${each(perThread.rows, (i) => `let a${i} = tileA[(${row(i)}) * ${DEPTH / 4}u + q];`)}
${each(4, (d) => multiplyStep(`(4u * q + ${d}u)`, `q${d}`, (i) => `a${i}[${d}]`))}
}`
    : `for (var d = 0u; d < ${DEPTH}u; d++) {
${each(perThread.rows / 4, (g) => `let a${g} = tileA[d * ${rows / 4}u + ${16 * g}u + ty];`)}
${multiplyStep('d', '', (i) => `a${i >> 2}[${i & 3}]`)}
}`;

  const store = each(perThread.rows, (i) =>
    each(
      perThread.columns,
      (j) => `store(part, tileRow + ${row(i)}, tileColumn + ${64 * j}u + tx * 4u, s${i}_${j});`,
    ),
  );

  return `
${a.declarations}
var<workgroup> tileA: array<vec4f, ${(rows * DEPTH) / 4}>;
var<workgroup> tileB: array<vec4f, ${(columns * DEPTH) / 4}>;

fn loadB(k: u32, column: u32, end: u32) -> vec4f {
  if (k >= end || column >= p.columns) { return vec4f(); }
  let at = k * p.columns + column;
  ${
    a.wideColumns
      ? 'return b[at / 4u];'
      : `let last = p.columns - column;
  return vec4f(b[at], select(0.0, b[at + 1u], last > 1u), select(0.0, b[at + 2u], last > 2u), select(0.0, b[at + 3u], last > 3u));`
  }
}

fn store(part: u32, row: u32, column: u32, sum: vec4f) {
  if (row >= p.rows || column >= p.columns) { return; }
  let at = (part * p.rows + row) * p.columns + column;
  ${
    a.wideColumns
      ? 'result[at / 4u] = sum;'
      : `let last = p.columns - column;
  result[at] = sum.x;
  if (last > 1u) { result[at + 1u] = sum.y; }
  if (last > 2u) { result[at + 2u] = sum.z; }
  if (last > 3u) { result[at + 3u] = sum.w; }`
  }
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) t: u32) {
  let tx = t % 16u;
  let ty = t / 16u;
  let tileRow = tile.x * ${rows}u;
  let tileColumn = tile.y * ${columns}u;
  let part = tile.z;
  let begin = part * p.share;
  let end = min(begin + p.share, p.depth);
${each(perThread.rows, (i) => each(perThread.columns, (j) => `var s${i}_${j} = vec4f();`))}
  var k = begin;
${each(loadsA, (i) => a.prepare(i, rowOf(i), depthOf(i)))}
${each(loadsA, (i) => `var nextA${i} = ${a.load(i)};`)}
${each(loadsB, (i) => `var nextB${i} = loadB(k + ${slot(i)} / ${columns / 4}u, tileColumn + ${slot(i)} % ${columns / 4}u * 4u, end);`)}
  loop {
    workgroupBarrier();
${each(loadsA, (i) => `tileA[${slot(i)}] = nextA${i};`)}
${each(loadsB, (i) => `tileB[${slot(i)}] = nextB${i};`)}
    workgroupBarrier();
    k += ${DEPTH}u;
    if (k < end) {
${each(loadsA, (i) => `${a.advance(i)}\nnextA${i} = ${a.load(i)};`)}
${each(loadsB, (i) => `nextB${i} = loadB(k + ${slot(i)} / ${columns / 4}u, tileColumn + ${slot(i)} % ${columns / 4}u * 4u, end);`)}
    }
${multiply}
    if (k >= end) { break; }
  }
${store}
}
`;
}

/** What a GPU of about a hundred cores needs to be busy; the same everywhere, so that sums are cut the same way. */
const ENOUGH_TILES = 256;
/** Fewer steps than this are not worth a part of their own. */
const LEAST_SHARE = 128;
const MOST_PARTS = 64;

export interface GemmPlan {
  tile: GemmTile;
  parts: number;
  /** Steps of depth per part. */
  share: number;
  workgroups: [number, number, number];
}

export function planGemm(rows: number, columns: number, depth: number): GemmPlan {
  const tiles = (tile: GemmTile) => [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)] as const;
  const large: GemmTile = { rows: 128, columns: 128 };
  const [r, c] = tiles(large);
  // Large tiles read less, but only if there are enough of them, and they are not mostly empty.
  const tile = r * c >= ENOUGH_TILES && columns % 128 === 0 ? large : { rows: 64, columns: 64 };
  const [x, y] = tiles(tile);
  const wanted = Math.min(Math.floor(ENOUGH_TILES / (x * y)), Math.floor(depth / LEAST_SHARE), MOST_PARTS);
  const share = DEPTH * Math.ceil(depth / Math.max(1, wanted) / DEPTH);
  const parts = Math.ceil(depth / share);
  return { tile, parts, share, workgroups: [x, y, parts] };
}
