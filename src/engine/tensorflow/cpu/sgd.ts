import type { Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine';
import type { Kernels } from '../../ops/kernels';
import type { RawOperations } from '../raw';

/** Variables changed in place: all weights of a step in one pass over their memory, running statistics. */
export function cpuSgd(tf: Tf, raw: RawOperations): Pick<Kernels, 'sgdStepAll' | 'blend'> {
  /** A clone of a variable shares its memory and must not see the step. */
  const own = (variable: Variable): Variable => {
    if (raw.sharesMemory(variable)) tf.tidy(() => variable.assign(tf.add(variable, 0)));
    return variable;
  };
  return {
    sgdStepAll(updates, { lr, momentum, weightDecay }) {
      raw.binding.sgdStep(
        raw.ids(updates.map(({ weight }) => own(weight))),
        raw.ids(updates.map(({ gradient }) => gradient)),
        raw.ids(updates.map(({ velocity }) => own(velocity))),
        lr,
        momentum,
        weightDecay,
      );
    },

    blend(updates, share) {
      raw.binding.blend(
        raw.ids(updates.map(({ target }) => own(target))),
        raw.ids(updates.map(({ value }) => value)),
        share,
      );
    },
  };
}
