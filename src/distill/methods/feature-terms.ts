import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { ViewOutputs } from '../method';

/** A view of which both networks are known: features of one size, [N,h,w,.]. */
export interface FeaturePair {
  outputs: ViewOutputs;
  student: Tensor4D;
  teacher: Tensor4D;
}

/** What goes into the classifiers of student and teacher, for every view that has a teacher. */
export function featurePairs(engine: Engine, outputs: readonly ViewOutputs[]): FeaturePair[] {
  return outputs.flatMap((view) => {
    const student = view.output.features;
    return view.teacher
      ? [{ outputs: view, student, teacher: sameSize(engine, view.teacher.features, student) }]
      : [];
  });
}

/** A map of the teacher at the size of the student's, should the networks work at other resolutions (bilinear, align corners). */
export function sameSize({ ops }: Engine, map: Tensor4D, like: Tensor4D): Tensor4D {
  return ops.resizeBilinear(map, [like.shape[1], like.shape[2]], true);
}
