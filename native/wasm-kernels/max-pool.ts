import { at, clear, intArg, pointerArg } from './memory';

/** Channels of one image that a task takes: windows overlap, so that rows cannot be shared out. */
export const POOL_CHANNELS: i32 = 16;

/**
 * Gradient of a max pool whose windows lie inside x: dy goes to the first largest value of each window, in row order.
 * Nothing equals a NaN: the gradient is lost there, as the loss already is. Arguments: dy, x, y, to, height, width,
 * channels of x, height and width of y, size and stride of the windows.
 */
export function maxPoolGrad(task: i32, args: usize): void {
  const dy = pointerArg(args, 0);
  const x = pointerArg(args, 1);
  const y = pointerArg(args, 2);
  const to = pointerArg(args, 3);
  const height = intArg(args, 4);
  const width = intArg(args, 5);
  const channels = intArg(args, 6);
  const outHeight = intArg(args, 7);
  const outWidth = intArg(args, 8);
  const size = intArg(args, 9);
  const stride = intArg(args, 10);
  const groups = (channels + POOL_CHANNELS - 1) / POOL_CHANNELS;
  const image = task / groups;
  const first = (task % groups) * POOL_CHANNELS;
  const last = min(channels, first + POOL_CHANNELS);
  for (let pixel = image * height * width; pixel < (image + 1) * height * width; pixel++)
    clear(at(to, pixel * channels + first), last - first);
  for (let oy = 0; oy < outHeight; oy++)
    for (let ox = 0; ox < outWidth; ox++) {
      const corner = ((image * height + oy * stride) * width + ox * stride) * channels;
      const out = ((image * outHeight + oy) * outWidth + ox) * channels;
      let k = first;
      for (; k + 4 <= last; k += 4) {
        const largest = v128.load(at(y, out + k));
        const gradient = v128.load(at(dy, out + k));
        let open = i32x4.splat(-1);
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) {
            const p = corner + (i * width + j) * channels + k;
            const hit = v128.and(open, f32x4.eq(v128.load(at(x, p)), largest));
            open = v128.andnot(open, hit);
            v128.store(at(to, p), f32x4.add(v128.load(at(to, p)), v128.and(hit, gradient)));
          }
      }
      for (; k < last; k++) {
        const largest = load<f32>(at(y, out + k));
        let open = true;
        for (let i = 0; open && i < size; i++)
          for (let j = 0; open && j < size; j++) {
            const p = corner + (i * width + j) * channels + k;
            if (load<f32>(at(x, p)) !== largest) continue;
            open = false;
            store<f32>(at(to, p), load<f32>(at(to, p)) + load<f32>(at(dy, out + k)));
          }
      }
    }
}
