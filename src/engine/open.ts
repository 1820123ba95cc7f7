import { DistillError } from '../protocol/errors';
import type { Engine, EngineName } from './engine';
import { openWasm } from './wasm';

export type EnginePreference = 'auto' | EngineName;

let opened: { preference: EnginePreference; engine: Promise<Engine> } | undefined;

/**
 * Opens the engine of this process; later calls return the same one.
 * Throws `engine-unavailable` if the wanted engine cannot run here, `usage` if another one is open already.
 */
export function openEngine(preference: EnginePreference): Promise<Engine> {
  if (!opened) {
    const engine = open(preference);
    opened = { preference, engine };
    engine.catch(() => {
      opened = undefined;
    });
    return engine;
  }
  const { preference: first, engine } = opened;
  return engine.then((e) => {
    if (preference !== 'auto' && preference !== e.name)
      throw new DistillError('usage', `This process computes with ${e.name} (asked for: ${first}).`, {
        remedy: `Start another process for ${preference}.`,
      });
    return e;
  });
}

async function open(preference: EnginePreference): Promise<Engine> {
  switch (preference) {
    case 'auto':
    case 'wasm':
      return openWasm();
    case 'tensorflow':
      throw new DistillError('engine-unavailable', 'TensorFlow is not set up.', {
        remedy: 'Choose the engine "wasm".',
      });
    default:
      return preference satisfies never;
  }
}
