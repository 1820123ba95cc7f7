import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What `fork` needs to run one of our own programs. */
export interface Program {
  script: string;
  execArgv: string[];
}

/** The command line, or the worker that trains: beside the bundle this is part of, or in the sources, under the loader that runs them. */
export function ownProgram(name: 'cli' | 'worker'): Program {
  const bundled = join(__dirname, `${name}.js`);
  return existsSync(bundled)
    ? { script: bundled, execArgv: [] }
    : { script: join(__dirname, '..', name, 'main.ts'), execArgv: process.execArgv };
}
