import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeIoError } from '../protocol/errors';

/**
 * The few ways in which a run writes. Everything is synchronous: the process that writes is the one that trains, it has
 * nothing better to do, and an order of writes that can be read off the code is worth more here than overlap.
 * Every failure leaves as a DistillError that names the file.
 */

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
  const descriptor = fs.openSync(file, 'w');
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

/** Reads a file; undefined if there is none. */
export function readIfPresent(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeIoError(error, file);
  }
}
