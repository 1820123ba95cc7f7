import { DistillError } from '../protocol/errors';
import type { Engine, EngineName } from './engine';
import { provideAddon } from './install/addon';
import { findTensorFlow } from './tensorflow-home';
import { findDawn } from './webgpu/home';

/** One engine as everything outside it knows it. */
export interface EngineEntry {
  /** A look without loading anything: whether opening it can succeed, and on which files that depends. */
  look(): { possible: true; files: string[] } | { possible: false; reason: string };
  /** Errors: engine-unavailable. */
  open(): Promise<Engine>;
}

/**
 * All engines, in the order in which they are listed. Their code is imported when wanted: each brings hundreds of
 * modules.
 */
export const engines: Record<EngineName, EngineEntry> = {
  tensorflow: {
    look() {
      const search = findTensorFlow();
      if (!search.found) return { possible: false, reason: search.reason };
      const { library, beside, preload } = search.receipt;
      return { possible: true, files: [library, ...beside, ...preload] };
    },
    async open() {
      const search = findTensorFlow();
      if (!search.found)
        throw new DistillError('engine-unavailable', search.reason, {
          remedy: 'Or choose the engine "wasm", which needs nothing.',
        });
      const { library, preload } = search.receipt;
      const addon = await provideAddon();
      return (await import('./tensorflow')).openTensorFlow({ addon, library, preload });
    },
  },
  webgpu: {
    look() {
      const search = findDawn();
      return search.found
        ? { possible: true, files: [search.binding] }
        : { possible: false, reason: search.reason };
    },
    open: async () => (await import('./webgpu')).openWebgpu(),
  },
  wasm: {
    look: () => ({ possible: true, files: [] }),
    open: async () => (await import('./wasm')).openWasm(),
  },
};

export const engineNames = Object.keys(engines) as EngineName[];
