import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';

/** `aux-main`: KL(aux || main), the released code. `main-aux`: KL(main || aux), Eq. 6 of the paper. */
export type TfeDirection = 'aux-main' | 'main-aux';

/**
 * RDD's teacher-full evaluation: where the teacher's two heads agree, a pixel is easy. RD = exp(-KL) in (0,1], 1 = easy,
 * at the resolution of the logits; without gradient.
 * Source: RDD, Eq. 6-7; train_onlykd_two_stage_diff.py of the released code.
 * @param main teacher's main logits, [N,h,w,C]
 * @param aux teacher's auxiliary logits, the same shape
 * @returns [N,h,w]
 */
export function tfeDifficulty(
  engine: Engine,
  main: Tensor4D,
  aux: Tensor4D,
  options: { direction: TfeDirection },
): Tensor3D {
  const { tf } = engine;
  return tf.tidy(() => tf.exp(tf.neg(tfeDivergence(engine, main, aux, options))));
}

/** The divergence D_kl of `tfeDifficulty`, [N,h,w], 0 or more; without gradient. */
export function tfeDivergence(
  engine: Engine,
  main: Tensor4D,
  aux: Tensor4D,
  options: { direction: TfeDirection },
): Tensor3D {
  const { tf, ops } = engine;
  const [n, h, w, classes] = main.shape;
  return tf.tidy(() => {
    const rows = (x: Tensor4D) => tf.reshape(detach(tf, x), [-1, classes]) as Tensor2D;
    const divergence =
      options.direction === 'aux-main'
        ? ops.klRows(rows(main), rows(aux), 1)
        : ops.klRows(rows(aux), rows(main), 1);
    return tf.reshape(divergence, [n, h, w]) as Tensor3D;
  });
}

/**
 * The difficulty map at the size of the labels (bilinear, align corners; the released code has 512 x 1024 hard-coded):
 * the weights of the task loss in the TFE stage.
 * @param difficulty [N,h,w]
 * @returns [N,H,W]
 */
export function tfeWeights(engine: Engine, difficulty: Tensor3D, size: [number, number]): Tensor3D {
  const { tf, ops } = engine;
  return tf.tidy(
    () => tf.squeeze(ops.resizeBilinear(tf.expandDims(difficulty, 3), size, true), [3]) as Tensor3D,
  );
}

/**
 * Weights of the task loss in RDD's TFE stage, [N,H,W] in (0,1], 1 = easy: exp(-KL) of the teacher's two heads at the size of
 * the labels. Without gradient. Reduce with `all` (the code) or `valid`.
 * Source: RDD, Eq. 6-8; train_onlykd_two_stage_diff.py of the released code.
 * @param main teacher's main logits, [N,h,w,C]
 * @param aux teacher's auxiliary logits, the same shape
 * @param options.direction KL(aux || main), the released code, or KL(main || aux), the paper
 * @param options.size H and W
 */
export function rddTfeWeights(
  engine: Engine,
  main: Tensor4D,
  aux: Tensor4D,
  options: { direction: TfeDirection; size: [number, number] },
): Tensor3D {
  return engine.tf.tidy(() => tfeWeights(engine, tfeDifficulty(engine, main, aux, options), options.size));
}
