import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DistillError, describeIoError } from '../protocol/errors';

/**
 * The few ways in which a run writes. Everything is synchronous: the process that writes is the one that trains, it has
 * nothing better to do, and an order of writes that can be read off the code is worth more here than overlap.
 * Every failure leaves as a DistillError that names the file.
 */

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC } = fs.constants;
/** Windows has neither. */
export const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants as Partial<typeof fs.constants>;

/**
 * How files of a run folder are opened for reading. The folder may come from a stranger: a link may lead to anywhere, and a
 * pipe would make the reader wait for ever.
 */
export const READING = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/**
 * Replaces `file` as a whole: after a crash at any moment it holds either the old or the new content. Written beside,
 * fsynced, renamed.
 */
export function writeWhole(file: string, data: string | Uint8Array): void {
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    writeAndSync(beside, data);
    fs.renameSync(beside, file);
    syncFolder(dirname(file));
  } catch (error) {
    fs.rmSync(beside, { force: true });
    throw describeIoError(error, file);
  }
}

/** Writes a new file and waits until it is on the disk. */
export function writeAndSync(file: string, data: string | Uint8Array): void {
  const descriptor = fs.openSync(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  try {
    writeFully(descriptor, typeof data === 'string' ? Buffer.from(data) : data);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** write(2) may take less than it was given; a nearly full disk is where that happens. */
export function writeFully(descriptor: number, data: Uint8Array, position = 0): void {
  for (let done = 0; done < data.length; )
    done += fs.writeSync(descriptor, data, done, data.length - done, position + done);
}

/** Makes renames in a folder last through a loss of power. Windows cannot open folders and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    // Some network file systems refuse to sync a folder; the rename itself has happened.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Descriptions, locks and notes have kilobytes. */
const MOST_BYTES = 32 * 2 ** 20;

/** Reads a small file; undefined if there is none. Errors: io, also for what is no ordinary file or absurdly large. */
export function readIfPresent(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, READING);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeOpening(error, file);
  }
  try {
    requireOrdinary(fs.fstatSync(descriptor), file, MOST_BYTES);
    return fs.readFileSync(descriptor);
  } catch (error) {
    throw describeIoError(error, file);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Errors: io. */
export function requireOrdinary(stat: fs.Stats, file: string, most: number): void {
  const what = !stat.isFile()
    ? 'This is no ordinary file.'
    : stat.size > most
      ? `It has ${stat.size} bytes, more than any run writes.`
      : undefined;
  if (what)
    throw new DistillError('io', what, {
      where: file,
      remedy: 'Remove the run, or restore it from a backup.',
    });
}

/** An error of opening a file with `READING`. */
export function describeOpening(error: unknown, file: string): DistillError {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ELOOP' && code !== 'EMLINK') return describeIoError(error, file);
  return new DistillError('io', 'This is a symbolic link, which is not followed in a run folder.', {
    where: file,
    remedy: 'Copy what it leads to into its place.',
  });
}
