import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DistillError } from '../protocol/errors';

/**
 * The absolute path of a file that is to be made; one that is there is replaced only if that was asked for.
 * Errors: usage.
 */
export function freePath(path: string, replace: boolean): string {
  const file = resolve(path);
  if (replace || !existsSync(file)) return file;
  throw new DistillError('usage', 'There is a file already.', {
    where: file,
    remedy: 'Choose another name, or replace it with --force.',
  });
}
