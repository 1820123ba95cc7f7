import type { Engine } from '../../src/engine/engine';
import { DistillError } from '../../src/protocol/errors';
import type { Answers } from '../protocol';
import type { Prepared } from './workloads';

interface Binding {
  executeOp(name: string, ...rest: unknown[]): unknown;
}

/**
 * Where the time of a step goes, by TensorFlow operation. Operations run one after the other while the caller waits, so
 * the time of the call is the time of the operation; what remains of a step is JavaScript, copies in and out.
 */
export async function profile(engine: Engine, work: Prepared, steps: number): Promise<Answers['profile']> {
  if (engine.name !== 'tensorflow')
    throw new DistillError('usage', `There is no profile of the engine ${engine.name}.`, {
      remedy: 'Ask for rows of the engine "tensorflow": --engine tensorflow --profile.',
    });
  const backend = engine.tf.backend() as unknown as { binding: Binding };
  const { binding } = backend;
  const spent = new Map<string, { calls: number; ms: number }>();
  // The functions of an addon cannot be replaced; what stands before it can.
  backend.binding = Object.create(binding, {
    executeOp: {
      value: (name: string, ...rest: unknown[]) => {
        const began = performance.now();
        const result = binding.executeOp(name, ...rest);
        const entry = spent.get(name) ?? { calls: 0, ms: 0 };
        entry.calls++;
        entry.ms += performance.now() - began;
        spent.set(name, entry);
        return result;
      },
    },
  }) as Binding;
  const began = performance.now();
  try {
    for (let i = 0; i < steps; i++) await work.run();
  } finally {
    backend.binding = binding;
  }
  const operations = [...spent].map(([name, { calls, ms }]) => ({
    name,
    calls: calls / steps,
    ms: ms / steps,
  }));
  return {
    ms: (performance.now() - began) / steps,
    operations: operations.sort((a, b) => b.ms - a.ms),
  };
}
