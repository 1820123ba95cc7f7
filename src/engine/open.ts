import { DistillError } from '../protocol/errors';
import type { Engine, EngineName } from './engine';
import { findTensorFlow } from './tensorflow-home';

export type EnginePreference = 'auto' | EngineName;

let opened: { preference: EnginePreference; engine: Promise<Engine> } | undefined;

/**
 * Opens the engine of this process; later calls return the same one. `auto`: TensorFlow if it is set up and loads, else
 * wasm. Throws `engine-unavailable` if the wanted engine cannot run here, `usage` if another one is open already.
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

// The engines are imported when wanted: each brings hundreds of modules.
async function open(preference: EnginePreference): Promise<Engine> {
  switch (preference) {
    case 'auto':
      return findTensorFlow().found ? tensorFlowOrWasm() : openWasm();
    case 'wasm':
      return openWasm();
    case 'tensorflow':
      return openTensorFlow();
    default:
      return preference satisfies never;
  }
}

async function tensorFlowOrWasm(): Promise<Engine> {
  try {
    return await openTensorFlow();
  } catch (error) {
    if (error instanceof DistillError && error.code === 'engine-unavailable') return openWasm();
    throw error;
  }
}

async function openWasm(): Promise<Engine> {
  return (await import('./wasm')).openWasm();
}

async function openTensorFlow(): Promise<Engine> {
  return (await import('./tensorflow')).openTensorFlow();
}
