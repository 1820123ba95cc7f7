/**
 * Convolution filters lie as HWIO [kh,kw,in,out] in memory and as OIHW [out,in,kh,kw] in PyTorch, depthwise ones as
 * [kh,kw,C,1] and [C,1,kh,kw]; everything else lies the same in both. A filter is known by its four dimensions.
 */
export interface MemoryLayout {
  shape: readonly number[];
  depthwise: boolean;
}

/** A weight in PyTorch's layout, which is that of ONNX as well. */
export interface TorchWeight {
  shape: readonly number[];
  values: Float32Array;
}

export function torchShape({ shape, depthwise }: MemoryLayout): number[] {
  const [kh, kw, from, to] = shape;
  if (shape.length !== 4) return [...shape];
  return depthwise ? [from!, to!, kh!, kw!] : [to!, from!, kh!, kw!];
}

/** Values in memory order to PyTorch's. */
export function toTorch(values: Float32Array, layout: MemoryLayout): Float32Array {
  return reorder(values, layout, (out, torch, memory) => {
    out[torch] = values[memory]!;
  });
}

/** Values in PyTorch's order to memory order. */
export function fromTorch(values: Float32Array, layout: MemoryLayout): Float32Array {
  return reorder(values, layout, (out, torch, memory) => {
    out[memory] = values[torch]!;
  });
}

function reorder(
  values: Float32Array,
  { shape, depthwise }: MemoryLayout,
  move: (out: Float32Array, torch: number, memory: number) => void,
): Float32Array {
  if (shape.length !== 4) return values.slice();
  const [kh, kw, from, to] = shape as [number, number, number, number];
  const taps = kh * kw;
  const out = new Float32Array(values.length);
  let torch = 0;
  const [outer, inner] = depthwise ? [from, to] : [to, from];
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++)
      for (let t = 0; t < taps; t++)
        move(out, torch++, depthwise ? (t * from + o) * to + i : (t * from + i) * to + o);
  return out;
}
