import { at, floatArg, intArg, pointerArg } from './memory';

// Value by value. A task takes `PER_TASK` of them.

export const PER_TASK: i32 = 16384;

/** to = dy where y > 0, else 0. Arguments: dy, y, to, n. */
export function reluGrad(task: i32, args: usize): void {
  const dy = pointerArg(args, 0);
  const y = pointerArg(args, 1);
  const to = pointerArg(args, 2);
  const end = min(intArg(args, 3), (task + 1) * PER_TASK);
  let i = task * PER_TASK;
  for (; i + 4 <= end; i += 4)
    v128.store(at(to, i), v128.and(v128.load(at(dy, i)), f32x4.gt(v128.load(at(y, i)), f32x4.splat(0))));
  for (; i < end; i++) store<f32>(at(to, i), load<f32>(at(y, i)) > 0 ? load<f32>(at(dy, i)) : 0);
}

/**
 * v = momentum * velocity + gradient + weightDecay * weight; w = weight - lr * v; into new arrays. Arguments: weight,
 * gradient, velocity, where the new weight and the new velocity go, n, lr, momentum, weightDecay.
 */
export function sgdStep(task: i32, args: usize): void {
  const weight = pointerArg(args, 0);
  const gradient = pointerArg(args, 1);
  const velocity = pointerArg(args, 2);
  const toWeight = pointerArg(args, 3);
  const toVelocity = pointerArg(args, 4);
  const end = min(intArg(args, 5), (task + 1) * PER_TASK);
  const lr = floatArg(args, 6);
  const momentum = floatArg(args, 7);
  const weightDecay = floatArg(args, 8);
  let i = task * PER_TASK;
  for (; i + 4 <= end; i += 4) {
    const w = v128.load(at(weight, i));
    const v = f32x4.add(
      f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(at(velocity, i))), v128.load(at(gradient, i))),
      f32x4.mul(f32x4.splat(weightDecay), w),
    );
    v128.store(at(toVelocity, i), v);
    v128.store(at(toWeight, i), f32x4.sub(w, f32x4.mul(f32x4.splat(lr), v)));
  }
  for (; i < end; i++) {
    const w = load<f32>(at(weight, i));
    const v = momentum * load<f32>(at(velocity, i)) + load<f32>(at(gradient, i)) + weightDecay * w;
    store<f32>(at(toVelocity, i), v);
    store<f32>(at(toWeight, i), w - lr * v);
  }
}
