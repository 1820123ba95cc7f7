/**
 * The k-th smallest of the values, k from 1; reorders them in place. Quickselect with the median of three and three-way
 * partitions: linear on average, also where many values are equal, as saturated probabilities are.
 */
export function kthSmallest(values: Float32Array, k: number): number {
  const target = k - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = median(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let less = low;
    let greater = high;
    for (let i = low; i <= greater; ) {
      const v = values[i]!;
      if (v < pivot) {
        values[i++] = values[less]!;
        values[less++] = v;
      } else if (v > pivot) {
        values[i] = values[greater]!;
        values[greater--] = v;
      } else i++;
    }
    if (target < less) high = less - 1;
    else if (target > greater) low = greater + 1;
    else return pivot;
  }
  return values[low]!;
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
