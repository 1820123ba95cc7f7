import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the cache lies is decided by these; a parameter, so that every platform's place can be tested on one. */
export interface CachePlace {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
}

/**
 * Folder for what is set up once for a user and shared by all windows and workspaces: TensorFlow's libraries, downloads
 * that were broken off, verdicts on engines. `DISTILL_CACHE` replaces it; else the platform's own place for caches.
 */
export function cacheFolder(
  { platform, env, home }: CachePlace = { platform: process.platform, env: process.env, home: homedir() },
): string {
  if (env.DISTILL_CACHE) return resolve(env.DISTILL_CACHE);
  return join(userCache(platform, env, home), 'distillation-studio');
}

function userCache(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  switch (platform) {
    case 'win32':
      return env.LOCALAPPDATA || join(home, 'AppData', 'Local');
    case 'darwin':
      return join(home, 'Library', 'Caches');
    default:
      return env.XDG_CACHE_HOME || join(home, '.cache');
  }
}

/** Where downloads lie until they are whole, so that one that breaks off can be continued. */
export function downloadFolder(): string {
  return join(cacheFolder(), 'downloads');
}
