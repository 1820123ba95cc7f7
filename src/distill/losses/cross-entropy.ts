import type { Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { type MapReduction, reduceMap } from './reduce-map';

/**
 * Cross entropy of logits at any resolution: resized to the labels (bilinear, align corners), then reduced.
 * Source: CIRKD, losses/loss.py; the mean over labelled pixels is the default. 0 where no pixel is labelled.
 * @param logits [N,h,w,C]
 * @param labels int32 [N,H,W], -1 = ignore
 */
export function crossEntropy(
  engine: Engine,
  logits: Tensor4D,
  labels: Tensor3D,
  options: { reduction?: MapReduction; weights?: Tensor3D } = {},
): Scalar {
  return engine.tf.tidy(() => {
    const map = engine.ops.crossEntropyMap(resizeToLabels(engine, logits, labels), labels);
    return reduceMap(engine, map, labels, options.reduction ?? 'valid', options.weights);
  });
}

/** Logits [N,h,w,C] at the size of the labels [N,H,W], as every loss and metric on labels reads them. */
export function resizeToLabels(
  engine: Engine,
  logits: Tensor4D,
  labels: Tensor3D,
  alignCorners = true,
): Tensor4D {
  return engine.ops.resizeBilinear(logits, [labels.shape[1], labels.shape[2]], alignCorners);
}
