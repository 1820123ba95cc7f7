import type { Scalar, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { detach } from './detach';
import { normaliseRows } from './normalise';
import { similarityKl } from './similarity-kl';

/**
 * CIRKD's mini-batch pixel-to-pixel distillation: for every two images of a group, an image with itself included, how
 * similar each position of the one is to all positions of the other should be as for the teacher. Features are normalised
 * per position; the mean over pairs and positions of KL(softmax(teacher's similarities / T) || softmax(student's / T)).
 * Channel counts may differ; the teacher receives no gradient.
 * Source: Yang et al. 2022, Cross-Image Relational Knowledge Distillation for Semantic Segmentation, Eq. 3-6; CIRKD,
 * losses/cirkd_mini_batch.py (temperature 0.1).
 * @param student features [N,h,w,Ds]
 * @param teacher features [N,h,w,Dt]
 * @param options.group images that are compared with each other, in the order of the batch; all by default. The source
 * compares those on one GPU
 */
export function cirkdMiniBatch(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { temperature: number; group?: number | undefined },
): Scalar {
  const { tf } = engine;
  const [images] = student.shape;
  const group = Math.min(options.group ?? images, images);
  return tf.tidy(() => {
    const taught = detach(tf, teacher);
    const sums: Scalar[] = [];
    let count = 0;
    for (let from = 0; from < images; from += group) {
      const sets = Math.min(group, images - from);
      const own = rowsOf(engine, student, from, sets);
      const theirs = rowsOf(engine, taught, from, sets);
      const divergences = similarityKl(
        engine,
        { anchors: own, keys: own },
        { anchors: theirs, keys: theirs },
        { temperature: options.temperature, sets, learnKeys: true },
      );
      sums.push(tf.sum(divergences));
      count += divergences.size;
    }
    return tf.div<Scalar>(tf.addN(sums), count);
  });
}

function rowsOf({ tf }: Engine, features: Tensor4D, from: number, images: number): Tensor2D {
  const [, h, w, channels] = features.shape;
  const part = tf.slice(features, [from, 0, 0, 0], [images, h, w, channels]);
  return normaliseRows(tf, tf.reshape(part, [-1, channels]) as Tensor2D);
}

/**
 * CIRKD's distillation with a memory, pixel-to-pixel or pixel-to-region as the keys are embeddings of pixels or of
 * regions: how similar each anchor is to the keys should be as for the teacher. The mean over the anchors that count of
 * KL(softmax(teacher's similarities / T) || softmax(student's / T)), 0 if none counts.
 * Source: Yang et al. 2022, Eq. 7-10; CIRKD, losses/cirkd_memory.py (temperature 0.1).
 * @param student anchors of length 1, [P,D]
 * @param teacher the same shape; no gradient
 * @param keys of length 1, [K,D]; no gradient
 * @param options.counts 0/1 per anchor, [P]; all count by default
 */
export function cirkdMemory(
  engine: Engine,
  student: Tensor2D,
  teacher: Tensor2D,
  keys: Tensor2D,
  { temperature, counts }: { temperature: number; counts?: Tensor1D | undefined },
): Scalar {
  const { tf } = engine;
  return tf.tidy(() => {
    const divergences = similarityKl(
      engine,
      { anchors: student, keys },
      { anchors: detach(tf, teacher), keys },
      { temperature },
    );
    if (!counts) return tf.mean<Scalar>(divergences);
    return tf.div<Scalar>(tf.sum(tf.mul(divergences, counts)), tf.maximum(tf.sum(counts), 1));
  });
}
