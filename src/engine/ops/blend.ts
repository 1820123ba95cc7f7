import type { Tf } from '../engine';
import type { Kernels } from './kernels';
import type { Blend } from './ops';

/** See `Ops.blend`. */
export function blend(tf: Tf, kernels: Kernels, updates: readonly Blend[], share: number): void {
  if (kernels.blend) kernels.blend(updates, share);
  else
    for (const { target, value } of updates)
      tf.tidy(() => target.assign(tf.add(tf.mul(target, 1 - share), tf.mul(value, share))));
}
