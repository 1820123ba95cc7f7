import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { LossTerm, StepContext, ViewOutputs } from '../method';

type Distance = (
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  options: { temperature: number },
) => Scalar;

/**
 * A weighted distance from the student's main logits to the teacher's, for every view that has a teacher. A teacher that works
 * at another resolution is resized to the student's (bilinear, align corners).
 */
export function logitTerms(
  id: string,
  distance: Distance,
  { weight, temperature }: { weight: number; temperature: number },
): (ctx: StepContext, outputs: ViewOutputs[]) => LossTerm[] {
  return ({ engine }, outputs) =>
    outputs.flatMap(({ output, teacher }): LossTerm[] => {
      if (!teacher) return [];
      const [, height, width] = output.logits.shape;
      const taught = engine.ops.resizeBilinear(teacher.logits, [height, width], true);
      const value = distance(engine, output.logits, taught, { temperature });
      return [{ id, weight, kind: 'scalar', value }];
    });
}
