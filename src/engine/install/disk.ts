import { mkdir, statfs } from 'node:fs/promises';
import { DistillError } from '../../protocol/errors';
import { bytesText } from './progress';

/** Refuses before anything large is written. Errors: disk-full (says what is needed and what is free), io. */
export async function checkSpace(folder: string, needed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new DistillError('disk-full', `${bytesText(needed)} are needed, ${bytesText(free)} are free.`, {
    where: folder,
    remedy: 'Free some space, or set DISTILL_CACHE to a folder on another disk.',
  });
}
