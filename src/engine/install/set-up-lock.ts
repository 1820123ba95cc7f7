import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DistillError, describeIoError } from '../../protocol/errors';

/** A holder shows that it lives by touching the file; one that has not for so long is gone, on whatever machine. */
const HEARTBEAT_MS = 10_000;
const STALE_MS = 60_000;

interface Holder {
  pid: number;
  host: string;
}

/**
 * One set-up at a time for a cache folder, which all windows share. The lock of a process that is gone is broken.
 * Errors: engine-unavailable (another set-up goes on), io, disk-full.
 * @returns releases it
 */
export function lockSetUp(folder: string): () => void {
  const file = join(folder, 'setup.lock');
  const mine = JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder);
  try {
    fs.mkdirSync(folder, { recursive: true });
    for (let attempt = 0; ; attempt++) {
      try {
        fs.writeFileSync(file, mine, { flag: 'wx' });
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 10) throw error;
      }
      breakStale(file);
    }
  } catch (error) {
    throw describeIoError(error, file);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // The folder may have been removed by hand; the set-up notices by itself.
    fs.utimes(file, now, now, () => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    fs.rmSync(file, { force: true });
  };
}

/** Returns when the lock may be tried again. */
function breakStale(file: string): void {
  const seen = read(file);
  if (!seen) return;
  if (!isStale(seen)) {
    const { holder } = seen;
    const elsewhere = holder && holder.host !== hostname() ? ` on ${holder.host}` : '';
    throw new DistillError(
      'engine-unavailable',
      `Another set-up goes on${holder ? ` (process ${holder.pid}${elsewhere})` : ''}.`,
      { where: file, remedy: 'Wait until it is done, or end it.' },
    );
  }
  // Renamed rather than removed: between looking and removing another process may have put its own in place.
  const away = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = read(away);
  if (taken && !isStale(taken)) fs.renameSync(away, file);
  else fs.rmSync(away, { force: true });
}

function read(file: string): { holder: Holder | undefined; touched: number } | undefined {
  try {
    const touched = fs.statSync(file).mtimeMs;
    try {
      return { holder: JSON.parse(fs.readFileSync(file, 'utf8')) as Holder, touched };
    } catch {
      // Not written yet, or by something else: its age decides.
      return { holder: undefined, touched };
    }
  } catch {
    return undefined;
  }
}

function isStale({ holder, touched }: { holder: Holder | undefined; touched: number }): boolean {
  if (Date.now() - touched > STALE_MS) return true;
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
