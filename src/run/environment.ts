import { execFile } from 'node:child_process';
import { availableParallelism, hostname } from 'node:os';
import { promisify } from 'node:util';
import type { RunManifest } from '../protocol/run';

const execute = promisify(execFile);

/** The machine a run was made on. */
export function describeHost(): RunManifest['host'] {
  return {
    name: hostname(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    cpus: availableParallelism(),
  };
}

/** Commit of the repository that holds `folder`, and whether tracked files differ from it; undefined without git. */
export async function gitState(folder: string): Promise<RunManifest['git']> {
  const git = async (...args: string[]) =>
    (await execute('git', ['-C', folder, ...args], { timeout: 10_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    const commit = (await git('rev-parse', 'HEAD')).trim();
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return { commit, dirty: changes.trim().length > 0 };
  } catch {
    return undefined;
  }
}
