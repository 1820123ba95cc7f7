import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../src/engine/engine';

/** Golden inputs are given in NCHW, row-major; everything here hands them out as NHWC. */
export type Nchw = readonly [number, number, number, number];

/** amp * fn(a * i + b), i = row-major index. */
export function wave(size: number, a: number, b: number, amp: number, fn: (x: number) => number = Math.sin) {
  return Float64Array.from({ length: size }, (_, i) => amp * fn(a * i + b));
}

export function nhwc(values: ArrayLike<number>, [n, c, h, w]: Nchw): Float32Array {
  const out = new Float32Array(values.length);
  let i = 0;
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let pixel = 0; pixel < h * w; pixel++) out[(image * h * w + pixel) * c + channel] = values[i++]!;
  return out;
}

export function waveTensor(
  { tf }: Engine,
  shape: Nchw,
  a: number,
  b: number,
  amp: number,
  fn?: (x: number) => number,
): Tensor4D {
  const [n, c, h, w] = shape;
  return tf.tensor4d(nhwc(wave(n * c * h * w, a, b, amp, fn), shape), [n, h, w, c]);
}

/** A label map from a rule of image, row and column. */
export function labelMap(
  [n, h, w]: readonly [number, number, number],
  rule: (image: number, y: number, x: number) => number,
): Int32Array {
  const out = new Int32Array(n * h * w);
  for (let i = 0; i < out.length; i++) out[i] = rule(Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w);
  return out;
}

/** Inputs shared by the cases of sections G and L. */
export function commonInputs(engine: Engine) {
  const shape: Nchw = [2, 5, 4, 6];
  const labelShape = [2, 13, 17] as const;
  return {
    S: waveTensor(engine, shape, 0.7, 0.1, 3),
    T: waveTensor(engine, shape, 0.9, 0.5, 4, Math.cos),
    A1: waveTensor(engine, shape, 0.53, 0.2, 2),
    A2: waveTensor(engine, shape, 0.61, 0.2, 2),
    labels: engine.tf.tensor3d(
      labelMap(labelShape, (n, y, x) => ((7 * n + 3 * y + 5 * x) % 6) - 1),
      [...labelShape],
      'int32',
    ),
  };
}

export interface RddInputs {
  student: Tensor4D;
  teacher: Tensor4D;
  studentAux: Tensor4D;
  teacherAux: Tensor4D;
  labels: Tensor3D;
}

/** 19 classes, logits 8x10, labels 16x20: waves plus a bonus on the class of the label. */
export function rddInputs(engine: Engine): RddInputs {
  const { tf } = engine;
  const shape: Nchw = [2, 19, 8, 10];
  const low = (n: number, i: number, j: number) => (7 * n + 3 * i + 5 * j) % 19;
  const oneHot = tf.cast(
    tf.oneHot(tf.tensor3d(labelMap([2, 8, 10], low), [2, 8, 10], 'int32'), 19),
    'float32',
  );
  const logits = (a: number, b: number, amp: number, bonus: number, fn?: (x: number) => number) =>
    tf.add<Tensor4D>(waveTensor(engine, shape, a, b, amp, fn), tf.mul(oneHot, bonus));
  return {
    student: logits(0.37, 0.1, 3, 4),
    teacher: logits(0.23, 0.4, 2, 8, Math.cos),
    studentAux: logits(0.47, 0.3, 3, 3),
    teacherAux: logits(0.29, 0.9, 3, 5, Math.cos),
    labels: tf.tensor3d(
      labelMap([2, 16, 20], (n, y, x) => ((y + x) % 11 === 0 ? -1 : low(n, y >> 1, x >> 1))),
      [2, 16, 20],
      'int32',
    ),
  };
}
