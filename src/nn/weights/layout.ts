/**
 * Convolution filters lie as HWIO [kh,kw,in,out] in memory and as OIHW [out,in,kh,kw] in PyTorch; everything else lies
 * the same in both. A filter is known by its four dimensions.
 */
export function torchShape(shape: readonly number[]): number[] {
  const [kh, kw, from, to] = shape;
  return shape.length === 4 ? [to!, from!, kh!, kw!] : [...shape];
}

/** Values in memory order to PyTorch's; `shape` is the one in memory. */
export function toTorch(values: Float32Array, shape: readonly number[]): Float32Array {
  return reorder(values, shape, (out, torch, memory) => {
    out[torch] = values[memory]!;
  });
}

/** Values in PyTorch's order to memory order; `shape` is the one in memory. */
export function fromTorch(values: Float32Array, shape: readonly number[]): Float32Array {
  return reorder(values, shape, (out, torch, memory) => {
    out[memory] = values[torch]!;
  });
}

function reorder(
  values: Float32Array,
  shape: readonly number[],
  move: (out: Float32Array, torch: number, memory: number) => void,
): Float32Array {
  if (shape.length !== 4) return values.slice();
  const [kh, kw, from, to] = shape as [number, number, number, number];
  const out = new Float32Array(values.length);
  let torch = 0;
  for (let o = 0; o < to; o++)
    for (let i = 0; i < from; i++)
      for (let t = 0; t < kh * kw; t++) move(out, torch++, (t * from + i) * to + o);
  return out;
}
