import fs from 'node:fs';
import type { z } from 'zod';
import { describeIoError } from '../protocol/errors';
import { readIfPresent, writeWhole } from './files';

/**
 * Small JSON files that people may edit and several windows write: read with a fallback, written as a whole. One that
 * cannot be understood is put beside before it would be overwritten.
 */

/**
 * `undefined`: there is no file, or it cannot be understood. Errors: io.
 * @param schema asked for where there is a file: mostly there is none, and making schemas takes longer than looking
 */
export function readUserFile<T>(file: string, schema: () => z.ZodType<T>): T | undefined {
  const bytes = readIfPresent(file);
  return bytes && parse(bytes, schema());
}

/** Errors: disk-full, io. */
export function changeUserFile<T>(
  file: string,
  schema: z.ZodType<T>,
  change: (before: T | undefined) => T,
): T {
  const bytes = readIfPresent(file);
  const before = bytes && parse(bytes, schema);
  const after = schema.parse(change(before));
  if (bytes && !before)
    try {
      fs.renameSync(file, `${file}.damaged-${Date.now()}`);
    } catch (error) {
      throw describeIoError(error, file);
    }
  writeWhole(file, `${JSON.stringify(after, null, 2)}\n`);
  return after;
}

function parse<T>(bytes: Buffer, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
