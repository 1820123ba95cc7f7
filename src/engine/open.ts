import { DistillError } from '../protocol/errors';
import { chooseEngine } from './choose';
import type { Engine, EngineName } from './engine';
import { engineNames, engines } from './engines';
import { verdictOn } from './verdicts';

export type EnginePreference = 'auto' | EngineName;

let opened: { preference: EnginePreference; engine: Promise<Engine> } | undefined;

/**
 * Opens the engine of this process; later calls return the same one. `auto`: what the variable DISTILL_ENGINE says, else
 * the best that passes its tests here (`chooseEngine`). Throws `engine-unavailable` if the wanted engine cannot run here,
 * `usage` if another one is open already.
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

/**
 * What the variable DISTILL_ENGINE asks for: it goes before a configuration, and an option or setting before it.
 * Errors: usage (no such engine).
 */
export function engineFromEnvironment(): EnginePreference | undefined {
  const wanted = process.env.DISTILL_ENGINE;
  if (!wanted) return undefined;
  if (wanted === 'auto') return wanted;
  const name = engineNames.find((engine) => engine === wanted);
  if (name) return name;
  throw new DistillError('usage', `There is no engine "${wanted}".`, {
    where: 'DISTILL_ENGINE',
    remedy: `Engines are auto, ${engineNames.join(', ')}.`,
  });
}

async function open(preference: EnginePreference): Promise<Engine> {
  const wanted = preference === 'auto' ? (engineFromEnvironment() ?? 'auto') : preference;
  return wanted === 'auto' ? openBest() : engines[wanted].open();
}

async function openBest(): Promise<Engine> {
  const possible = engineNames.filter((name) => engines[name].look().possible);
  // Where there is no choice nothing needs to be found out.
  const { name } =
    possible.length === 1
      ? { name: possible[0]! }
      : await chooseEngine(async (one) => {
          const known = engineNames.find((engine) => engine === one);
          return known && (await verdictOn(known)).report;
        });
  try {
    return await engines[name ?? 'wasm'].open();
  } catch (error) {
    // It passed its tests once; that it fails now ends no run that another engine can do.
    if (error instanceof DistillError && error.code === 'engine-unavailable' && name !== 'wasm')
      return await engines.wasm.open();
    throw error;
  }
}
