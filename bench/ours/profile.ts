import type { Engine } from '../../src/engine/engine';
import type { TensorFlowBinding } from '../../src/engine/tensorflow/binding';
import { DistillError } from '../../src/protocol/errors';
import type { Profile } from '../profile-groups';
import type { Prepared } from './workloads';

/** What a step spends in which operation, as the TensorFlow engine counts it itself; the mean of some steps. */
export async function profile(engine: Engine, work: Prepared, steps: number): Promise<Profile> {
  if (engine.name !== 'tensorflow')
    throw new DistillError('usage', `There is no profile of the engine ${engine.name}.`, {
      remedy: 'Ask for rows of the engine "tensorflow": --engine tensorflow --profile.',
    });
  const { binding } = engine.tf.backend() as unknown as { binding: TensorFlowBinding };
  binding.profile(true);
  const began = performance.now();
  for (let i = 0; i < steps; i++) await work.run();
  const ms = (performance.now() - began) / steps;
  const operations = Object.entries(binding.profile(false)).map(([name, spent]) => ({
    name,
    calls: spent.calls / steps,
    ms: spent.ms / steps,
  }));
  return { ms, operations: operations.sort((a, b) => b.ms - a.ms) };
}
