import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../engine/engine';
import type { LossTerm, StepContext, ViewOutputs } from '../method';
import { sameSize } from './feature-terms';

/**
 * A weighted distance from the student's main logits to the teacher's, for every view that has a teacher.
 */
export function logitTerms<O extends object>(
  id: string,
  distance: (engine: Engine, student: Tensor4D, teacher: Tensor4D, options: O) => Scalar,
  { weight, ...options }: O & { weight: number },
): (ctx: StepContext, outputs: readonly ViewOutputs[]) => LossTerm[] {
  return ({ engine }, outputs) =>
    outputs.flatMap(({ output, teacher }): LossTerm[] => {
      if (!teacher) return [];
      const taught = sameSize(engine, teacher.logits, output.logits);
      return [
        {
          id,
          weight,
          kind: 'scalar',
          value: distance(engine, output.logits, taught, options as unknown as O),
        },
      ];
    });
}
