import type { Engine } from '../../src/engine/engine';
import { openEngine } from '../../src/engine/open';
import type { Answers, Request } from '../protocol';
import { profile } from './profile';
import { serve } from './serve';
import { type Prepared, prepare } from './workloads';

/**
 * Our side of `npm run bench`: a process that computes only when asked, by a line of JSON on its standard input, and
 * answers with one on its standard output. Times are taken here, around the work alone.
 */
let engine: Engine;
let prepared: Prepared;

async function answer(request: Request): Promise<Answers[Request['do']]> {
  switch (request.do) {
    case 'open': {
      engine = await openEngine(request.engine);
      const { summary, versions } = engine.describe();
      return { summary, versions };
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
      return { mib: process.resourceUsage().maxRSS / 1024 };
    case 'profile':
      return profile(engine, prepared, request.steps);
  }
  return request satisfies never;
}

void serve(answer);
