import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Opens one of our own threads: beside the bundle this is part of, or, without a bundle (tests, scripts), its source as it is.
 * @param source path of the source without its ending, relative to this file
 */
export function openOwnThread(source: string, options: WorkerOptions = {}): Worker {
  const bundled = join(__dirname, `${basename(source)}.js`);
  if (existsSync(bundled)) return new Worker(bundled, options);
  // What this process runs its sources with, if it was started with `--require`. The name of another is none the bundler
  // follows; resolved here, since the thread would look where the user stands.
  const own = process.execArgv.indexOf('--require');
  const loader = 'tsx/cjs';
  const execArgv = ['--require', own < 0 ? require.resolve(loader) : process.execArgv[own + 1]!];
  return new Worker(join(__dirname, `${source}.ts`), { ...options, execArgv });
}
