import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { request, shown } from './request';

/** Of a download that was broken off: what it is a part of. */
interface Unfinished {
  url: string;
  /** ETag or date of the file on the server; a part can only be continued if it is still the same file. */
  validator: string;
}

export interface DownloadOptions {
  /** Where finished and unfinished files lie; unfinished ones outlive this process. */
  folder: string;
  name: string;
  /** Hexadecimal. */
  sha256?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes that are there, and all of them if known. */
  bytes?: (done: number, total: number | undefined) => void;
}

/**
 * Downloads a file. One that was broken off is continued where it ended if the server can do that and still has the same
 * file, else begun anew. A file whose checksum is wrong is removed.
 * Errors: engine-unavailable (network, checksum), disk-full, io.
 */
export async function download(url: URL, options: DownloadOptions): Promise<string> {
  const file = join(options.folder, options.name);
  const part = `${file}.part`;
  const note = `${part}.json`;
  await mkdir(options.folder, { recursive: true });
  // Whole already: a set-up that failed later on left it.
  if (
    options.sha256 !== undefined &&
    existsSync(file) &&
    (await sha256Of(file)) === options.sha256.toLowerCase()
  )
    return file;
  const unfinished = await readUnfinished(note, part);
  const resumable = unfinished?.url === shown(url) ? unfinished : undefined;
  const have = resumable?.have ?? 0;
  const { response } = await request(url, {
    signal: options.signal,
    accept: [206, 416],
    headers: resumable ? { range: `bytes=${have}-`, 'if-range': resumable.validator } : {},
  });
  if (response.statusCode === 416) {
    // What is there is as long as the file or longer: the checksum cannot vouch for it, so it is fetched again.
    response.resume();
    await rm(note, { force: true });
    return await download(url, options);
  }
  const continues = response.statusCode === 206 && rangeStart(response.headers['content-range']) === have;
  const start = continues ? have : 0;
  const length = Number(response.headers['content-length']);
  const total = Number.isFinite(length) ? start + length : undefined;
  const validator = strong(response.headers.etag) ?? response.headers['last-modified'];
  if (validator === undefined) await rm(note, { force: true });
  else await writeFile(note, JSON.stringify({ url: shown(url), validator } satisfies Unfinished));
  let done = start;
  options.bytes?.(done, total);
  const sink = await open(part, continues ? 'a' : 'w');
  try {
    // Piece by piece rather than piped: a pipe that breaks drops what it has not written yet.
    for await (const chunk of response) {
      await sink.appendFile(chunk as Buffer);
      done += (chunk as Buffer).length;
      options.bytes?.(done, total);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    throw broken(url, done, total, error);
  } finally {
    await sink.close();
  }
  if (total !== undefined && done !== total) throw broken(url, done, total);
  await verify(part, url, options);
  await rename(part, file);
  await rm(note, { force: true });
  return file;
}

async function verify(part: string, url: URL, { sha256 }: DownloadOptions): Promise<void> {
  if (sha256 === undefined) return;
  const found = await sha256Of(part);
  if (found === sha256.toLowerCase()) return;
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
  throw new DistillError('engine-unavailable', `The file does not have the checksum of the index.`, {
    where: shown(url),
    remedy: 'It was removed; try again. If that fails as well, do not trust this source.',
  });
}

/** Hexadecimal SHA-256 of a file. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function readUnfinished(
  note: string,
  part: string,
): Promise<(Unfinished & { have: number }) | undefined> {
  try {
    const { url, validator } = JSON.parse(await readFile(note, 'utf8')) as Unfinished;
    const have = (await stat(part)).size;
    return have > 0 ? { url, validator, have } : undefined;
  } catch {
    return undefined;
  }
}

function rangeStart(header: string | undefined): number {
  return Number(/^bytes (\d+)-/.exec(header ?? '')?.[1] ?? Number.NaN);
}

/** Weak tags do not promise the same bytes. */
function strong(etag: string | undefined): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function broken(url: URL, done: number, total: number | undefined, cause?: unknown): DistillError {
  const of = total === undefined ? '' : ` of ${(total / 1e6).toFixed(0)}`;
  return new DistillError(
    'engine-unavailable',
    `The download broke off after ${(done / 1e6).toFixed(0)}${of} MB.`,
    {
      where: shown(url),
      remedy: 'Run the same command again: it goes on where it ended if the server can do that.',
      cause,
    },
  );
}
