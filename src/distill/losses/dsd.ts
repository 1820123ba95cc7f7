import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import { attention } from './attention-transfer';
import { detach } from './detach';
import { normaliseRows } from './normalise';

/** Maps of one size, from the earliest in the network: auxiliary logits, features, main logits. */
export type DsdMaps = readonly [aux: Tensor4D, features: Tensor4D, logits: Tensor4D];

/**
 * Double similarity distillation. `pixel` (PSD): how the attention maps of every two of the three differ, as a vector of
 * length 1 per image, should be as for the teacher: mean over the pairs of the mean squared difference. `category` (CSD):
 * the products of every two channels of the logits, each a distribution over the positions (mean-pooled 2x2, softmax at
 * the temperature), should be the teacher's: mean over N*C*C of the squared difference. The teacher receives no gradient.
 * Source: Feng et al. 2021, Double Similarity Distillation for Semantic Image Segmentation; CIRKD, losses/dsd.py.
 * @param student all [N,h,w,.]; `logits` of both networks have the same channels
 */
export function dsd(
  engine: Engine,
  student: DsdMaps,
  teacher: DsdMaps,
  options: { temperature: number },
): { pixel: Scalar; category: Scalar } {
  return {
    pixel: dsdPixel(engine, student, teacher),
    category: dsdCategory(engine, student[2], teacher[2], options),
  };
}

/** See `dsd`. */
export function dsdPixel(engine: Engine, student: DsdMaps, teacher: DsdMaps): Scalar {
  const { tf } = engine;
  return tf.tidy(() => {
    const own = residuals(engine, student);
    const taught = residuals(engine, teacher.map((map) => detach(tf, map)) as unknown as DsdMaps);
    const terms = own.map((r, i) => tf.mean<Scalar>(tf.square(tf.sub(r, taught[i]!))));
    return tf.div<Scalar>(tf.addN(terms), terms.length);
  });
}

function residuals(engine: Engine, maps: DsdMaps): Tensor2D[] {
  const { tf } = engine;
  const [a, b, c] = maps.map((map) => attention(engine, map)) as [Tensor2D, Tensor2D, Tensor2D];
  return [tf.sub<Tensor2D>(b, a), tf.sub<Tensor2D>(c, a), tf.sub<Tensor2D>(c, b)].map((residual) =>
    normaliseRows(tf, residual),
  );
}

/** See `dsd`. */
export function dsdCategory(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  { temperature }: { temperature: number },
): Scalar {
  const { tf } = engine;
  return tf.tidy(() =>
    tf.mean<Scalar>(
      tf.square(
        tf.sub(
          channelProducts(engine, student, temperature),
          channelProducts(engine, detach(tf, teacher), temperature),
        ),
      ),
    ),
  );
}

/**
 * P P^T less 1/M, the value it would have were all positions alike: what is left of it after that, and the loss is made of,
 * is a ten-thousandth of it, which float32 would round away.
 */
function channelProducts(engine: Engine, logits: Tensor4D, temperature: number): Tensor3D {
  const { tf, ops } = engine;
  const pooled = ops.avgPool(evenSize(engine, logits), { size: 2, stride: 2, padding: 0 });
  const [n, h, w, channels] = pooled.shape;
  const rows = tf.reshape(tf.transpose(pooled, [0, 3, 1, 2]), [n, channels, h * w]);
  // Rows add up to 1, so that (P - 1/M) (P - 1/M)^T = P P^T - 1/M.
  const p = tf.sub<Tensor3D>(tf.softmax(tf.div<Tensor3D>(rows, temperature)), 1 / (h * w));
  return tf.matMul(p, p, false, true);
}

/** The last row and column twice where a size is odd: what PyTorch's ceil_mode averages there. */
function evenSize({ tf }: Engine, x: Tensor4D): Tensor4D {
  let even = x;
  for (const axis of [1, 2] as const) {
    const size = even.shape[axis];
    if (size % 2 === 0) continue;
    const begin: [number, number, number, number] = [0, 0, 0, 0];
    const extent: [number, number, number, number] = [...even.shape];
    begin[axis] = size - 1;
    extent[axis] = 1;
    even = tf.concat<Tensor4D>([even, tf.slice(even, begin, extent)], axis);
  }
  return even;
}
