/**
 * A linear map along one axis, out[i] = sum_j M[i][j] in[j], stored by rows: entries `start[i]` to `start[i + 1]` of
 * `index` and `weight`. Resizing and adaptive pooling are such maps along height and width; their gradients are the
 * transposed maps.
 */
export interface AxisMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly weight: Float32Array;
}

/** The same along both axes. */
export interface AverageWindow {
  size: number;
  stride: number;
  padding: number;
}

function fromRows(columns: number, rows: ReadonlyArray<ReadonlyMap<number, number>>): AxisMatrix {
  const start = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    start[i + 1] = start[i]! + row.size;
  });
  return {
    rows: rows.length,
    columns,
    start,
    index: Int32Array.from(rows.flatMap((row) => [...row.keys()])),
    weight: Float32Array.from(rows.flatMap((row) => [...row.values()])),
  };
}

/**
 * Linear interpolation of `input` values to `output` values, as torch.nn.functional.interpolate(mode="bilinear") does
 * along each axis (aten/src/ATen/native/UpSample.h, area_pixel_compute_source_index).
 */
export function interpolationMatrix(input: number, output: number, alignCorners: boolean): AxisMatrix {
  const rows = Array.from({ length: output }, (_, i) => {
    const source = alignCorners
      ? output > 1
        ? (i * (input - 1)) / (output - 1)
        : 0
      : Math.max(0, ((i + 0.5) * input) / output - 0.5);
    const low = Math.min(Math.floor(source), input - 1);
    const fraction = source - low;
    // At the far edge both neighbours are the last value.
    if (fraction === 0 || low === input - 1) return new Map([[low, 1]]);
    return new Map([
      [low, 1 - fraction],
      [low + 1, fraction],
    ]);
  });
  return fromRows(input, rows);
}

/**
 * Which of `input` values the i-th of `output` is, as torch.nn.functional.interpolate(mode="nearest") picks them: rounded
 * down, and computed in float32 (aten/src/ATen/native/UpSample.h).
 */
export function nearestSource(i: number, input: number, output: number): number {
  if (output === input) return i;
  if (output === 2 * input) return i >> 1;
  return Math.min(Math.floor(Math.fround(i * Math.fround(input / output))), input - 1);
}

export function nearestMatrix(input: number, output: number): AxisMatrix {
  const rows = Array.from({ length: output }, (_, i) => new Map([[nearestSource(i, input, output), 1]]));
  return fromRows(input, rows);
}

/** Averages over windows; padding counts as zeros (torch.nn.AvgPool2d with count_include_pad). */
export function averageMatrix(input: number, { size, stride, padding }: AverageWindow): AxisMatrix {
  const count = Math.floor((input + 2 * padding - size) / stride) + 1;
  const rows = Array.from({ length: count }, (_, i) => {
    const begin = Math.max(0, i * stride - padding);
    const end = Math.min(input, i * stride - padding + size);
    return new Map(Array.from({ length: end - begin }, (_, j) => [begin + j, 1 / size]));
  });
  return fromRows(input, rows);
}

/** Averages over `bins` ranges: bin i covers floor(i*n/bins) .. ceil((i+1)*n/bins) (torch.nn.AdaptiveAvgPool2d). */
export function adaptiveAverageMatrix(input: number, bins: number): AxisMatrix {
  const rows = Array.from({ length: bins }, (_, i) => {
    const begin = Math.floor((i * input) / bins);
    const end = Math.ceil(((i + 1) * input) / bins);
    return new Map(Array.from({ length: end - begin }, (_, j) => [begin + j, 1 / (end - begin)]));
  });
  return fromRows(input, rows);
}

export function transposed(m: AxisMatrix): AxisMatrix {
  const rows = Array.from({ length: m.columns }, () => new Map<number, number>());
  for (let i = 0; i < m.rows; i++)
    for (let e = m.start[i]!; e < m.start[i + 1]!; e++) rows[m.index[e]!]!.set(i, m.weight[e]!);
  return fromRows(m.rows, rows);
}
