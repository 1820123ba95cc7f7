import type { MethodInstance } from '../../../src/distill/method';
import type { Engine } from '../../../src/engine/engine';
import { RandomStream } from '../../../src/engine/random';

/** Every permutation that is drawn until `end`, in order. */
export function recordedPermutations(): { made: number[][]; end(): void } {
  const made: number[][] = [];
  const original = RandomStream.prototype.permutation;
  RandomStream.prototype.permutation = function (n) {
    const drawn = original.call(this, n);
    made.push([...drawn]);
    return drawn;
  };
  return {
    made,
    end: () => {
      RandomStream.prototype.permutation = original;
    },
  };
}

/** The method, but the fourth channel of every input it makes is kept: LAD's noised label. */
export function recording(method: MethodInstance, into: Float32Array[]): MethodInstance {
  const keep = (engine: Engine, input: ReturnType<NonNullable<MethodInstance['teacherInput']>>) => {
    if (!input) return;
    const [n, h, w] = input.shape;
    into.push(engine.tf.slice(input, [0, 0, 0, 3], [n, h, w, 1]).dataSync<'float32'>().slice());
  };
  return {
    ...method,
    views(ctx, images) {
      const views = method.views?.(ctx, images);
      for (const { input } of views ?? []) keep(ctx.engine, input);
      return views;
    },
    teacherInput(ctx, images) {
      const input = method.teacherInput?.(ctx, images);
      keep(ctx.engine, input);
      return input;
    },
  };
}
