import type { Engine } from '../../src/engine/engine';
import { openEngine } from '../../src/engine/open';
import { serve } from '../ours/serve';
import { type Prepared, prepare } from '../ours/workloads';
import type { Request } from '../protocol';

/**
 * Our side of bench/gpu.sh: as ../ours/main.ts, but memory is the GPU's. Asked by a line of JSON on its standard input,
 * it answers with one on its standard output.
 */
let engine: Engine;
let prepared: Prepared;

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case 'open': {
      engine = await openEngine(request.engine);
      return engine.describe();
    }
    case 'prepare':
      prepared = await prepare({ engine, ...request });
      return {};
    case 'check':
      return { steps: await prepared.check(request.steps) };
    case 'step': {
      const began = performance.now();
      await prepared.run();
      return { ms: performance.now() - began };
    }
    case 'memory':
      return { mib: deviceMemory() };
    default:
      throw new Error(`${request.do} is not asked here.`);
  }
}

/** The most that was taken from the device for tensors, MiB; 0 where the engine does not say. */
function deviceMemory(): number {
  const { peakBytes } = engine.tf.backend() as { peakBytes?: number };
  return (peakBytes ?? 0) / 2 ** 20;
}

void serve(answer);
