import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { nearestSource } from '../../engine/ops/axis-matrix';
import { resizeToLabels } from './cross-entropy';

/** What an ignored pixel is to the source, whose label images have it as any other value. */
const IGNORED = 255;
/** Keeps the Dice loss defined where there is no boundary. */
const SMOOTH = 1;

/**
 * Where STDC's detail head should see detail: 1 where the Laplacian of the label ids, taken at every pixel or at every second
 * one, is positive. Outside the image the ids are 0, so that the rim of an image is a boundary too, but for class 0.
 * The source also takes every fourth pixel and adds the three with weights 0.6, 0.3 and 0.1, above 0.1: in float32 the third
 * alone never is.
 * Source: STDC-Seg, loss/detail_loss.py; Fan et al. 2021, section 3.3.
 * @param labels row-major [N,H,W], -1 = ignore
 * @returns row-major [N,H,W], 0 or 1
 */
export function detailTarget(labels: Int32Array, [n, h, w]: readonly [number, number, number]): Int32Array {
  const target = new Int32Array(labels.length);
  for (const stride of [1, 2]) {
    const rows = nearestRows(h, stride);
    const columns = nearestRows(w, stride);
    for (let image = 0; image < n; image++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++)
          if (laplacian(labels, image * h * w, h, w, rows[y]!, columns[x]!) > 0)
            target[(image * h + y) * w + x] = 1;
  }
  return target;
}

/** Where each pixel along an axis of `size` looks at the map that was taken at every `stride`-th. */
function nearestRows(size: number, stride: number): number[] {
  const coarse = Math.floor((size - 1) / stride) + 1;
  return Array.from({ length: size }, (_, i) => stride * nearestSource(i, coarse, size));
}

function laplacian(labels: Int32Array, first: number, h: number, w: number, y: number, x: number): number {
  const id = (row: number, column: number) => {
    if (row < 0 || column < 0 || row >= h || column >= w) return 0;
    const value = labels[first + row * w + column]!;
    return value < 0 ? IGNORED : value;
  };
  let around = 0;
  for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) around += id(y + dy, x + dx);
  return 9 * id(y, x) - around;
}

/**
 * Binary cross entropy, mean over all pixels, and Dice loss, mean over images, of a detail head.
 * Source: STDC-Seg, loss/detail_loss.py.
 * @param logits [N,h,w,1], resized to the target (bilinear, align corners)
 * @param target int32 [N,H,W], 0 or 1, as `detailTarget` gives it
 */
export function detailLosses(
  engine: Engine,
  logits: Tensor4D,
  target: Tensor3D,
): { bce: Scalar; dice: Scalar } {
  const { tf, ops } = engine;
  const z = resizeToLabels(engine, logits, target);
  // A logistic loss is a cross entropy over two classes whose first logit is 0.
  const bce = tf.mean<Scalar>(ops.crossEntropyMap(tf.concat<Tensor4D>([tf.zerosLike(z), z], 3), target));
  const perImage = (t: Tensor3D | Tensor4D) => tf.reshape(t, [target.shape[0], -1]) as Tensor2D;
  const p = perImage(tf.sigmoid(z));
  const t = perImage(tf.cast(target, 'float32'));
  const overlap = tf.add(tf.mul(tf.sum(tf.mul(p, t), 1), 2), SMOOTH);
  const sizes = tf.add(tf.add(tf.sum(p, 1), tf.sum(t, 1)), SMOOTH);
  return { bce, dice: tf.mean<Scalar>(tf.sub(1, tf.div(overlap, sizes))) };
}
