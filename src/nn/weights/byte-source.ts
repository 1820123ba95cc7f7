import fs from 'node:fs';
import { DistillError, describeIoError } from '../../protocol/errors';
import { brokenWeights } from './refusal';

/** Bytes that are read by ranges: a checkpoint of half a gigabyte is never in memory as a whole. */
export interface ByteSource {
  /** File name for error messages. */
  readonly where: string;
  readonly size: number;
  /** Bytes `begin` to `begin + length`. Errors: checkpoint-broken for a range that is not there, io. */
  read(begin: number, length: number): Uint8Array;
  close(): void;
}

/** Bytes that are in memory already; `read` gives views. */
export function bytesInMemory(bytes: Uint8Array, where: string): ByteSource {
  return {
    where,
    size: bytes.length,
    read(begin, length) {
      checkRange(where, bytes.length, begin, length);
      return bytes.subarray(begin, begin + length);
    },
    close: () => undefined,
  };
}

/**
 * Opens a file for reading. Symbolic links are refused: what is read should be what the path says, and weights of
 * strangers come unpacked from archives that may hold links to anywhere.
 * Errors: checkpoint-missing, checkpoint-broken, io.
 */
export function openBytes(file: string): ByteSource {
  refuseOddities(file);
  let descriptor: number;
  try {
    // The link may have been made between the look and this: where the system can, it refuses as well.
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    throw describeIoError(error, file);
  }
  const { size } = fs.fstatSync(descriptor);
  return {
    where: file,
    size,
    read(begin, length) {
      checkRange(file, size, begin, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        let count: number;
        try {
          count = fs.readSync(descriptor, bytes, done, length - done, begin + done);
        } catch (error) {
          throw describeIoError(error, file);
        }
        if (count === 0) throw brokenWeights(file, 'The file became shorter while it was read.');
        done += count;
      }
      return bytes;
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** Before it is opened: opening a pipe would wait for whoever writes to it. */
function refuseOddities(file: string): void {
  let stat: fs.Stats;
  try {
    stat = fs.lstatSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw describeIoError(error, file);
    throw new DistillError('checkpoint-missing', 'There is no such file.', {
      where: file,
      remedy: 'Correct the path.',
    });
  }
  if (stat.isFile()) return;
  if (stat.isSymbolicLink())
    throw brokenWeights(
      file,
      'This is a symbolic link, which is not followed for weights.',
      'Give the path of the file it leads to.',
    );
  throw brokenWeights(file, 'This is not a file.', 'Give the path of a file with weights.');
}

function checkRange(where: string, size: number, begin: number, length: number): void {
  const whole = Number.isSafeInteger(begin) && Number.isSafeInteger(length);
  if (whole && begin >= 0 && length >= 0 && begin + length <= size) return;
  throw brokenWeights(where, `Bytes ${begin} to ${begin + length} are asked for; the file has ${size}.`);
}
