import { GEOMETRY, pixelSeen, positions, readGeometry, sourceChannels, tapsHigh, tapsWide } from './geometry';
import { at, clear, intArg, multiplyAdd, pointerArg } from './memory';
import { DEPTH } from './product';

// Convolutions of each channel by itself.

/**
 * Task of a depthwise convolution or its input gradient: some positions. Arguments: the geometry; then the filter [taps,
 * channels], the result [positions, channels], positions per task.
 */
export function depthwiseProduct(task: i32, args: usize): void {
  readGeometry(args);
  const filter = pointerArg(args, GEOMETRY);
  const result = pointerArg(args, GEOMETRY + 1);
  const perTask = intArg(args, GEOMETRY + 2);
  const c = sourceChannels;
  const end = min(positions, (task + 1) * perTask);
  for (let p = task * perTask; p < end; p++) {
    const target = at(result, p * c);
    clear(target, c);
    for (let tap = 0; tap < tapsHigh * tapsWide; tap++) {
      const pixel = pixelSeen(p, tap);
      if (pixel === 0) continue;
      const weights = at(filter, tap * c);
      let k = 0;
      for (; k + 4 <= c; k += 4) {
        const sum = multiplyAdd(v128.load(at(pixel, k)), v128.load(at(weights, k)), v128.load(at(target, k)));
        v128.store(at(target, k), sum);
      }
      for (; k < c; k++)
        store<f32>(
          at(target, k),
          load<f32>(at(target, k)) + load<f32>(at(pixel, k)) * load<f32>(at(weights, k)),
        );
    }
  }
}

/** Channels that a task of `depthwiseFilterGrad` takes. */
export const DEPTHWISE_CHANNELS: i32 = 16;

/**
 * Task of a depthwise filter gradient: one tap, 16 channels; the sum goes over all positions. Arguments: the geometry; then
 * the output gradient [positions, channels] and the result [taps, channels].
 */
export function depthwiseFilterGrad(task: i32, args: usize): void {
  readGeometry(args);
  const dy = pointerArg(args, GEOMETRY);
  const result = pointerArg(args, GEOMETRY + 1);
  const c = sourceChannels;
  const groups = (c + DEPTHWISE_CHANNELS - 1) / DEPTHWISE_CHANNELS;
  const tap = task / groups;
  const first = (task % groups) * DEPTHWISE_CHANNELS;
  const last = min(c, first + DEPTHWISE_CHANNELS);
  const target = at(result, tap * c);
  clear(at(target, first), last - first);
  for (let block = 0; block < positions; block += DEPTH) {
    const end = min(positions, block + DEPTH);
    let k = first;
    for (; k + 4 <= last; k += 4) {
      let sum = f32x4.splat(0);
      for (let p = block; p < end; p++) {
        const pixel = pixelSeen(p, tap);
        if (pixel !== 0) sum = multiplyAdd(v128.load(at(pixel, k)), v128.load(at(dy, p * c + k)), sum);
      }
      v128.store(at(target, k), f32x4.add(v128.load(at(target, k)), sum));
    }
    for (; k < last; k++) {
      let sum: f32 = 0;
      for (let p = block; p < end; p++) {
        const pixel = pixelSeen(p, tap);
        if (pixel !== 0) sum += load<f32>(at(pixel, k)) * load<f32>(at(dy, p * c + k));
      }
      store<f32>(at(target, k), load<f32>(at(target, k)) + sum);
    }
  }
}
