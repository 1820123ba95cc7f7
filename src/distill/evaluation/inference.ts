import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { Segmenter } from '../../nn/segmenter';
import { alignsCorners } from '../../nn/spec';

/** How an image is looked at. */
export interface Inference {
  /** Overlapping windows [height,width] and their steps (mmsegmentation's slide mode); the whole image without. */
  slide?: { window: readonly [number, number]; stride: readonly [number, number] };
  /** Factors the image is resized by; [1] looks once. */
  scales: readonly number[];
  /** Each scale also mirrored. */
  flip: boolean;
  /** What is averaged over scales and mirrorings: logits (CIRKD) or softmax probabilities (mmsegmentation). */
  average: 'logits' | 'probabilities';
}

export const WHOLE_IMAGE: Inference = { scales: [1], flip: false, average: 'logits' };

/**
 * Scores of every pixel at the image's own size: logits, or probabilities where those are averaged.
 * @param input [1,H,W,channels]; a channel with the label is resized and mirrored like the rest
 * @returns [1,H,W,C]
 */
export function inferPixels(
  engine: Engine,
  network: Segmenter,
  input: Tensor4D,
  inference: Inference,
): Tensor4D {
  const { tf, ops } = engine;
  const [, height, width] = input.shape;
  const align = alignsCorners(network.spec);
  return tf.tidy(() => {
    const looks: Tensor4D[] = [];
    for (const scale of inference.scales) {
      const size: [number, number] = [Math.round(height * scale), Math.round(width * scale)];
      const scaled = scale === 1 ? input : ops.resizeBilinear(input, size, align);
      for (const mirrored of inference.flip ? [false, true] : [false]) {
        const seen = mirrored ? mirror(engine, scaled) : scaled;
        const scores = logitsOf(engine, network, seen, inference, [height, width]);
        const logits = mirrored ? mirror(engine, scores) : scores;
        looks.push(inference.average === 'probabilities' ? tf.softmax(logits) : logits);
      }
    }
    return looks.length === 1 ? looks[0]! : tf.div(tf.addN(looks), looks.length);
  });
}

function logitsOf(
  { tf, ops }: Engine,
  network: Segmenter,
  x: Tensor4D,
  { slide }: Inference,
  size: [number, number],
): Tensor4D {
  const align = alignsCorners(network.spec);
  if (!slide) return ops.resizeBilinear(network.predict(x), size, align);
  const [, height, width, channels] = x.shape;
  const rows = starts(height, slide.window[0], slide.stride[0]);
  const columns = starts(width, slide.window[1], slide.stride[1]);
  const [windowHeight, windowWidth] = [Math.min(height, slide.window[0]), Math.min(width, slide.window[1])];
  let sum: Tensor4D | undefined;
  const seen = new Float32Array(height * width);
  for (const top of rows)
    for (const left of columns) {
      for (let y = top; y < top + windowHeight; y++)
        for (let p = y * width + left; p < y * width + left + windowWidth; p++) seen[p]! += 1;
      // Only the sum outlives a window.
      const next: Tensor4D = tf.tidy(() => {
        const part = tf.slice(x, [0, top, left, 0], [1, windowHeight, windowWidth, channels]);
        const logits = ops.resizeBilinear(network.predict(part), [windowHeight, windowWidth], align);
        const placed = tf.pad(logits, [
          [0, 0],
          [top, height - top - windowHeight],
          [left, width - left - windowWidth],
          [0, 0],
        ]);
        return sum ? tf.add(sum, placed) : placed;
      });
      sum?.dispose();
      sum = next;
    }
  const mean = tf.div<Tensor4D>(sum!, tf.tensor4d(seen, [1, height, width, 1]));
  return size[0] === height && size[1] === width ? mean : ops.resizeBilinear(mean, size, align);
}

/** First rows of the windows: as many steps as reach the end, the last window moved back into the image. */
function starts(length: number, window: number, stride: number): number[] {
  const count = Math.ceil(Math.max(length - window, 0) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(i * stride, length - window)));
}

/** Left and right exchanged. */
function mirror({ tf }: Engine, x: Tensor4D): Tensor4D {
  return tf.reverse(x, 2);
}

/** Class and confidence (probability of that class) of every pixel, [H,W] each. */
export function decide(
  { tf }: Engine,
  scores: Tensor4D,
  { average }: Inference,
): { classes: Tensor3D; confidence: Tensor3D } {
  return tf.tidy(() => {
    const probabilities = average === 'probabilities' ? scores : tf.softmax(scores);
    return {
      classes: tf.argMax<Tensor3D>(scores, 3),
      confidence: tf.max<Tensor3D>(probabilities, 3),
    };
  });
}
