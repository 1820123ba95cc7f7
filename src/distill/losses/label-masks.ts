import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { nearestSource } from '../../engine/ops/axis-matrix';

/**
 * A label map at another size: the nearest pixel, rounded down, as PyTorch's interpolate(mode="nearest").
 * @param labels row-major [N,H,W], -1 = ignore
 * @returns row-major [N,h,w]
 */
export function labelsAt(
  labels: ArrayLike<number>,
  [n, height, width]: readonly [number, number, number],
  [h, w]: readonly [number, number],
): Int32Array {
  const rows = Array.from({ length: h }, (_, i) => nearestSource(i, height, h));
  const columns = Array.from({ length: w }, (_, i) => nearestSource(i, width, w));
  const out = new Int32Array(n * h * w);
  let at = 0;
  for (let image = 0; image < n; image++)
    for (const row of rows)
      for (const column of columns) out[at++] = labels[(image * height + row) * width + column]!;
  return out;
}

/**
 * Which positions of a map of another size are of which class: float 0/1, [N,h*w,C]; ignored positions are of none.
 * @param labels int32 [N,H,W], -1 = ignore
 */
export function classMasks(
  { tf }: Engine,
  labels: Tensor3D,
  size: readonly [number, number],
  classes: number,
): Tensor3D {
  const [n] = labels.shape;
  const ids = labelsAt(labels.dataSync<'int32'>(), labels.shape, size);
  const masks = new Float32Array(ids.length * classes);
  for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) masks[i * classes + ids[i]!] = 1;
  return tf.tensor3d(masks, [n, size[0] * size[1], classes]);
}
