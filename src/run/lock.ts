import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';
import { type RunLock, runLockSchema } from '../protocol/run';
import { readIfPresent, writeAndSync } from './files';
import { runFiles } from './run-folder';

/**
 * One writer per run folder: `lock.json` names the process that trains. It is released when training ends; after a
 * crash it stays, and is seen to be stale because its process is gone.
 */
export class RunLockHolder {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Takes the lock of a run. Errors: run-locked (another process trains it), disk-full, io. */
  static acquire(folder: string): RunLockHolder {
    const file = join(folder, runFiles.lock);
    const beside = join(folder, `.${runFiles.lock}.${process.pid}.tmp`);
    const mine: RunLock = { pid: process.pid, host: hostname(), ...startOf(process.pid) };
    try {
      writeAndSync(beside, `${JSON.stringify(mine)}\n`);
      for (;;) {
        try {
          placeExclusively(beside, file);
          return new RunLockHolder(file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const holder = readLock(folder);
        if (holder && isAlive(holder)) throw locked(folder, holder);
        takeAway(folder, file);
      }
    } catch (error) {
      throw describeIoError(error, file);
    } finally {
      fs.rmSync(beside, { force: true });
    }
  }

  release(): void {
    fs.rmSync(this.#file, { force: true });
  }
}

/** The lock of a run, whoever holds it; undefined if there is none or it cannot be understood. */
export function readLock(folder: string): RunLock | undefined {
  return parseLock(readIfPresent(join(folder, runFiles.lock)));
}

function parseLock(bytes: Buffer | undefined): RunLock | undefined {
  try {
    return bytes && runLockSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Whether the process that took a lock still lives. A process on another machine cannot be asked; it counts as alive,
 * because two writers in one folder do more harm than a run that must be unlocked by hand.
 */
export function isAlive(lock: RunLock): boolean {
  if (lock.host !== hostname()) return true;
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(lock.pid);
  if (now.dead) return false;
  const known = now.startedAt > 0 && lock.startedAt > 0;
  return !known || (now.startedAt === lock.startedAt && now.boot === lock.boot);
}

/**
 * Ends the process that trains a run at once; it is given no chance to write anything.
 * Errors: run-locked, if it runs on another machine; io, if it belongs to someone else.
 */
export function endProcess(folder: string): void {
  const holder = readLock(folder);
  // Asked again at the last moment: a pid is soon given to another process.
  if (!holder || !isAlive(holder)) return;
  if (holder.host !== hostname())
    throw new DistillError('run-locked', `Process ${holder.pid} on ${holder.host} is training this run.`, {
      where: folder,
      remedy: 'End it on that machine.',
    });
  // A folder of a stranger could name any process of this machine.
  const now = startOf(holder.pid);
  if (now.startedAt === 0 || now.startedAt !== holder.startedAt)
    throw new DistillError(
      'run-locked',
      `Whether process ${holder.pid} is the one that trains cannot be told.`,
      {
        where: folder,
        remedy: 'Look at it with the tools of your system, and end it there if it is.',
      },
    );
  try {
    process.kill(holder.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw describeIoError(error, folder);
  }
}

/** A hard link fails when the name is taken and shows the whole content from the first moment. */
function placeExclusively(beside: string, file: string): void {
  try {
    fs.linkSync(beside, file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    // exFAT and some network file systems know no hard links.
    fs.copyFileSync(beside, file, fs.constants.COPYFILE_EXCL);
  }
}

/** Removes a stale lock; puts it back if another process was quicker and it is a new one already. */
function takeAway(folder: string, file: string): void {
  const away = join(folder, `.${runFiles.lock}.${process.pid}.stale`);
  try {
    fs.renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = parseLock(fs.readFileSync(away));
  if (taken && isAlive(taken)) placeExclusively(away, file);
  fs.rmSync(away, { force: true });
}

function locked(folder: string, holder: RunLock): DistillError {
  const elsewhere = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return new DistillError('run-locked', `Process ${holder.pid}${elsewhere} is training this run.`, {
    where: folder,
    remedy: elsewhere
      ? `Stop it there. If it is gone for certain, delete ${runFiles.lock} in the run folder.`
      : 'Stop it first, or wait until it ends.',
  });
}

interface ProcessStart {
  /** Linux: clock ticks since boot. Elsewhere: milliseconds since the epoch. 0: unknown. */
  startedAt: number;
  boot?: string;
  /** The process has ended, though its entry is still there. */
  dead?: boolean;
}

/** When a process started, as the system tells it. */
function startOf(pid: number): ProcessStart {
  if (process.platform === 'linux') return startOnLinux(pid);
  if (process.platform === 'win32') return { startedAt: 0 };
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { startedAt: Date.parse(text.trim()) || 0 };
  } catch {
    return { startedAt: 0 };
  }
}

function startOnLinux(pid: number): ProcessStart {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything; proc(5): state is field 3, start 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { startedAt: Number(fields[19]), boot, dead: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return { startedAt: 0 };
  }
}
