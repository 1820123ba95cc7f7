import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { variableGradients } from '../../engine/gradients';
import type { MethodConfig } from '../../protocol/config';
import { Adam } from '../adam';
import { Discriminator } from '../discriminator';
import { hingeDiscriminator, hingeGenerator } from '../losses/adversarial';
import { detach } from '../losses/detach';
import type { LossTerm, MethodInstance } from '../method';
import { sameSize } from './feature-terms';

/** Of CIRKD's scripts. */
const BETAS = [0.9, 0.99] as const;

export type HolisticOptions = Omit<Extract<MethodConfig, { kind: 'adversarial' }>, 'kind'>;
type Hooks = 'setup' | 'losses' | 'afterStep' | 'state' | 'restore' | 'arrays' | 'dispose';

/**
 * A discriminator learns to tell the teacher's maps of logits from the student's, and the student to deceive it. The
 * student's term comes first; then, on the same logits, the discriminator takes its own step, as in CIRKD. The parts of
 * a method that has it; with weight 0 there is nothing to do.
 */
export function holistic(options: HolisticOptions): Pick<Required<MethodInstance>, Hooks> {
  const { weight, discriminatorWeight, lr, lastKernel } = options;
  let parts: { discriminator: Discriminator; adam: Adam } | undefined;
  let savedSteps = 0;
  /** Of the step: what the networks said, cut off. */
  let seen: { student: Tensor4D; teacher: Tensor4D }[] = [];
  const forget = () => {
    for (const { student, teacher } of seen) {
      student.dispose();
      teacher.dispose();
    }
    seen = [];
  };

  return {
    setup({ engine, teacher, classes, init }) {
      if (!teacher || weight === 0) return;
      const discriminator = new Discriminator(engine, { classes, lastKernel }, init);
      const adam = new Adam(engine, discriminator.weights, { lr, betas: BETAS });
      adam.steps = savedSteps;
      parts = { discriminator, adam };
    },
    losses({ engine }, outputs) {
      const { tf } = engine;
      forget();
      return outputs.flatMap(({ output: { logits }, teacher }): LossTerm[] => {
        if (!teacher || !parts) return [];
        seen.push({
          student: tf.keep(detach(tf, logits)),
          teacher: tf.keep(sameSize(engine, teacher.logits, logits)),
        });
        const value = hingeGenerator(engine, parts.discriminator.scores(logits));
        return [{ id: 'adversarial', weight, kind: 'scalar', value }];
      });
    },
    afterStep({ engine }): Record<string, Scalar> {
      if (!parts || seen.length === 0) return {};
      const { tf } = engine;
      const { discriminator, adam } = parts;
      const loss = (): Scalar => {
        const terms = seen.map(({ student, teacher }) =>
          hingeDiscriminator(engine, discriminator.scores(student), discriminator.scores(teacher)),
        );
        return tf.mul(tf.addN(terms) as Scalar, discriminatorWeight);
      };
      const { value, grads } = variableGradients(tf, loss, [...discriminator.weights.values()]);
      adam.apply(grads);
      forget();
      return { 'adversarial.discriminator': value };
    },
    state: () => (parts ? { steps: parts.adam.steps } : null),
    restore(state) {
      savedSteps = (state as { steps: number } | null)?.steps ?? 0;
    },
    arrays: () => new Map(parts ? [...parts.discriminator.arrays(), ...parts.adam.arrays()] : []),
    dispose() {
      forget();
      parts?.discriminator.dispose();
      parts?.adam.dispose();
      parts = undefined;
      savedSteps = 0;
    },
  };
}

/** Where the options differ from CIRKD, and CIRKD from the paper. */
export const HOLISTIC_PUBLISHED: HolisticOptions = {
  weight: 0.001,
  discriminatorWeight: 0.1,
  lr: 4e-4,
  lastKernel: 4,
};
export const HOLISTIC_LOSS =
  'the discriminator learns by the hinge loss, as in CIRKD; the paper has WGAN-GP.';
