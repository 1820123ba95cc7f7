import fs from 'node:fs';
import { O_NOFOLLOW } from '../run/files';

/**
 * From now on appends what this process prints to a file instead. The streams it was started with may belong to a window
 * that is gone by then. Printing never fails: a full disk must not end a training because of a message.
 */
export function redirectOutput(file: string): void {
  const { O_WRONLY, O_CREAT, O_APPEND } = fs.constants;
  const descriptor = fs.openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | ((error?: Error | null) => void),
      done?: (error?: Error | null) => void,
    ): boolean => {
      const bytes =
        typeof chunk === 'string'
          ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
          : chunk;
      try {
        fs.writeSync(descriptor, bytes);
      } catch {
        // Nowhere left to say so.
      }
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
}
