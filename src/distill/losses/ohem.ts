import type { Scalar, Tensor3D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { kthSmallest } from './kth-smallest';

/** Whose online hard example mining. */
export type OhemForm = 'stdc' | 'mmseg';

export interface OhemOptions {
  form: OhemForm;
  /** A pixel whose labelled class has a probability below this is hard; 0.7 in both sources. */
  threshold: number;
  /** At least so many pixels of the batch are kept, from 1. */
  minKept: number;
}

/**
 * Cross entropy of the hard pixels alone.
 *
 * `stdc`: the mean over the hard pixels if they are more than `minKept`, else over the `minKept` pixels of the largest loss,
 * which may be ignored ones, at 0, where too few are labelled. Source: STDC-Seg, loss/loss.py, OhemCELoss.
 *
 * `mmseg`: labelled pixels beyond the (minKept + 1)-th largest loss are hard too; the sum over the hard ones is divided
 * by all pixels. Source: mmsegmentation, mmseg/structures/sampler/ohem_pixel_sampler.py and cross_entropy_loss.py.
 * @param map loss per pixel, [N,H,W], 0 where ignored
 * @param labels int32 [N,H,W], -1 = ignore
 */
export function ohem(engine: Engine, map: Tensor3D, labels: Tensor3D, options: OhemOptions): Scalar {
  const { tf } = engine;
  const losses = map.dataSync<'float32'>();
  const share = options.form === 'stdc' ? stdcShares(losses, options) : mmsegShares(losses, labels, options);
  return tf.tidy(() => tf.sum<Scalar>(tf.mul(map, tf.tensor3d(share, map.shape))));
}

function stdcShares(losses: ArrayLike<number>, { threshold, minKept }: OhemOptions): Float32Array {
  const limit = -Math.log(threshold);
  const count = Math.min(minKept, losses.length);
  const kept = new Float32Array(losses.length);
  let hard = 0;
  for (let i = 0; i < losses.length; i++)
    if (losses[i]! > limit) {
      kept[i] = 1;
      hard++;
    }
  if (hard > count) return kept.map((v) => v / hard);
  const last = kthLargest(Float32Array.from(losses), count);
  let above = 0;
  for (let i = 0; i < losses.length; i++) if (losses[i]! > last) above++;
  // Of equal losses the first are kept.
  let equal = count - above;
  return kept.map((_, i) => (losses[i]! > last || (losses[i] === last && equal-- > 0) ? 1 / count : 0));
}

function mmsegShares(
  losses: ArrayLike<number>,
  labels: Tensor3D,
  { threshold, minKept }: OhemOptions,
): Float32Array {
  const ids = labels.dataSync<'int32'>();
  const labelled = Float32Array.from(losses).filter((_, i) => ids[i]! >= 0);
  if (labelled.length === 0) return new Float32Array(losses.length);
  const floor = kthLargest(labelled, Math.min(minKept + 1, labelled.length));
  const limit = Math.min(-Math.log(threshold), floor);
  // Ignored pixels, at 0, are beyond no limit.
  return Float32Array.from(losses, (loss) => (loss > limit ? 1 / losses.length : 0));
}

function kthLargest(values: Float32Array, k: number): number {
  return kthSmallest(values, values.length - k + 1);
}
