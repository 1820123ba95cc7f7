import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { differentiable } from '../../engine/ops/differentiable';

/** Vectors that are compared with keys: similarities are their scalar products. */
export interface Relation {
  /** [P,D] */
  anchors: Tensor2D;
  /** [K,D] */
  keys: Tensor2D;
}

export interface SimilarityOptions {
  temperature: number;
  /** The keys are this many sets of equal size, one after the other, each with a softmax of its own. */
  sets?: number;
  /** Whether the student's keys receive a gradient too. */
  learnKeys?: boolean;
  /** Similarities that are held at once; at least those of one anchor are. There are P*K of them, for two images of Cityscapes 268 million. */
  atOnce?: number;
}

/**
 * KL(softmax(teacher's similarities / T) || softmax(student's similarities / T)) of every anchor and set of keys,
 * [P*sets]. Computed for some anchors at a time, and once more in the backward pass, so that the table of all
 * similarities is never there. Dimensions of student and teacher may differ; the teacher receives no gradient.
 */
export function similarityKl(
  engine: Engine,
  student: Relation,
  teacher: Relation,
  { temperature, sets = 1, learnKeys = false, atOnce = 2 ** 22 }: SimilarityOptions,
): Tensor1D {
  const { tf, ops } = engine;
  const [count] = student.anchors.shape;
  const [keyCount] = student.keys.shape;
  const perSet = keyCount / sets;
  const rows = Math.max(1, Math.floor(atOnce / keyCount));
  const chunks = Array.from({ length: Math.ceil(count / rows) }, (_, i) => ({
    from: i * rows,
    size: Math.min(rows, count - i * rows),
  }));
  const part = (x: Tensor2D, { from, size }: (typeof chunks)[number]) =>
    tf.slice(x, [from, 0], [size, x.shape[1]]);
  const table = (anchors: Tensor2D, keys: Tensor2D) =>
    tf.reshape(tf.matMul(anchors, keys, false, true), [-1, perSet]) as Tensor2D;

  return differentiable(
    tf,
    learnKeys ? [student.anchors, student.keys] : [student.anchors],
    (save) => {
      save([student.anchors, student.keys, teacher.anchors, teacher.keys]);
      return tf.concat<Tensor1D>(
        chunks.map((chunk) =>
          tf.tidy(() =>
            ops.klRows(
              table(part(student.anchors, chunk), student.keys),
              table(part(teacher.anchors, chunk), teacher.keys),
              temperature,
            ),
          ),
        ),
      );
    },
    (dy, saved) => {
      const [anchors, keys, taughtAnchors, taughtKeys] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
      const grads: Tensor2D[] = [];
      let keyGrad: Tensor2D | undefined;
      for (const chunk of chunks) {
        const [grad, sum] = tf.tidy(() => {
          const own = part(anchors, chunk);
          const q = tf.softmax(tf.div<Tensor2D>(table(own, keys), temperature));
          const p = tf.softmax(tf.div<Tensor2D>(table(part(taughtAnchors, chunk), taughtKeys), temperature));
          const weight = tf.div(tf.slice(dy, chunk.from * sets, chunk.size * sets), temperature);
          const d = tf.reshape(tf.mul(tf.sub(q, p), tf.expandDims(weight, 1)), [-1, keyCount]) as Tensor2D;
          const dAnchors = tf.matMul(d, keys) as Tensor2D;
          if (!learnKeys) return [dAnchors];
          const dKeys = tf.matMul(d, own, true) as Tensor2D;
          return [dAnchors, keyGrad ? tf.add<Tensor2D>(keyGrad, dKeys) : dKeys];
        });
        grads.push(grad!);
        keyGrad?.dispose();
        keyGrad = sum;
      }
      const dAnchors = tf.concat<Tensor2D>(grads, 0);
      tf.dispose(grads);
      return learnKeys ? [() => dAnchors, () => keyGrad!] : [() => dAnchors];
    },
  );
}
