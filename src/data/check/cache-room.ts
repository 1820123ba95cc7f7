import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is remembered of all datasets of a user together: about a million samples. */
const MOST_BYTES = 512 * 2 ** 20;

/** Notes that a file was used: what was used longest ago goes first. */
export function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // On a disk that may not be written to nothing is cleared away either.
  }
}

/**
 * Clears the folder of a file until all in it together have at most `most` bytes: what was used longest ago goes first,
 * the file itself never. Everything here can be found out anew. Errors: those of the file system.
 */
export function makeRoom(file: string, most = MOST_BYTES): void {
  const folder = dirname(file);
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    // Another process may be clearing as well.
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? [{ path, bytes: found.size, used: found.mtimeMs }] : [];
  });
  let left = files.reduce((sum, { bytes }) => sum + bytes, 0) - most;
  for (const { path, bytes } of files.sort((a, b) => a.used - b.used)) {
    if (left <= 0) return;
    if (path === file) continue;
    rmSync(path, { force: true });
    left -= bytes;
  }
}
