import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { createGunzip } from 'node:zlib';
import { damaged, isSafePath } from './zip';

const BLOCK = 512;
const LARGEST_FILE = 8e9;

/**
 * Unpacks the wanted files of a .tar.gz archive (POSIX ustar, GNU and PAX long names). Links among the wanted names are
 * followed to the file they stand for, which must be in the same archive; nothing is written outside `folder`.
 * @param wanted paths as archives of libtensorflow have them, `lib/libtensorflow.so.2`
 * @returns which of them were there
 * Errors: engine-unavailable (damaged or dangerous archive).
 */
export async function unpackTar(
  archive: string,
  folder: string,
  wanted: readonly string[],
  options: { bytes?: (count: number) => void; signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  // Two passes: a link may come before or after its file.
  const links = new Map<string, string>();
  await walk(archive, options.signal, (entry) => {
    if (entry.link !== undefined)
      links.set(entry.name, entry.hard ? entry.link : posix.join(posix.dirname(entry.name), entry.link));
    return undefined;
  });
  const fileOf = (name: string): string => {
    let now = name;
    for (let hops = 0; links.has(now); hops++) {
      if (hops > 8) throw damaged(archive, `${name} is a link in a circle`);
      now = clean(links.get(now)!);
    }
    return now;
  };
  const targets = new Map(wanted.map((name) => [fileOf(name), name]));
  const found: string[] = [];
  await walk(
    archive,
    options.signal,
    (entry) => {
      const name = targets.get(entry.name);
      if (name === undefined || entry.link !== undefined) return undefined;
      found.push(name);
      return join(folder, ...name.split('/'));
    },
    options.bytes,
  );
  return found;
}

interface TarEntry {
  name: string;
  size: number;
  link?: string;
  hard?: boolean;
}

/** Calls `visit` with every file and link; where it returns a path the content is written there. */
async function walk(
  archive: string,
  signal: AbortSignal | undefined,
  visit: (entry: TarEntry) => string | undefined,
  bytes?: (count: number) => void,
): Promise<void> {
  const file = createReadStream(archive, { highWaterMark: 1 << 20, signal });
  const source = file.pipe(createGunzip({ chunkSize: 1 << 18 }));
  file.on('error', (error) => source.destroy(error));
  const reader = new BlockReader(source[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
  let longName: string | undefined;
  let longLink: string | undefined;
  try {
    for (;;) {
      const header = await reader.take(BLOCK);
      if (!header || header.every((byte) => byte === 0)) return;
      checkSum(header, archive);
      const size = numberAt(header, 124, 12);
      if (!(size >= 0 && size <= LARGEST_FILE)) throw damaged(archive, 'a size in it makes no sense');
      const type = String.fromCharCode(header[156]!);
      if (type === 'L' || type === 'K' || type === 'x') {
        if (size > 1 << 20) throw damaged(archive, 'a name in it is too long');
        const content = (await reader.padded(size, archive)).toString('utf8');
        if (type === 'L') longName = content.replace(/\0.*$/s, '');
        else if (type === 'K') longLink = content.replace(/\0.*$/s, '');
        else {
          longName = /(?:^|\n)\d+ path=(.*)\n/.exec(content)?.[1] ?? longName;
          longLink = /(?:^|\n)\d+ linkpath=(.*)\n/.exec(content)?.[1] ?? longLink;
        }
        continue;
      }
      const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textAt(header, 345, 155) : '';
      const name = clean(longName ?? (prefix ? `${prefix}/` : '') + textAt(header, 0, 100));
      const link = longLink ?? textAt(header, 157, 100);
      longName = longLink = undefined;
      const isFile = type === '0' || type === '\0' || type === '7';
      const isLink = type === '1' || type === '2';
      let target: string | undefined;
      if (isFile || isLink) {
        if (!isSafePath(name)) throw damaged(archive, `unsafe name in the archive: ${JSON.stringify(name)}`);
        target = visit(isLink ? { name, size: 0, link, hard: type === '1' } : { name, size });
      }
      await copy(reader, size, archive, target, bytes);
    }
  } catch (error) {
    if (((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_'))
      throw damaged(archive, 'it is no gzip archive, or broken');
    throw error;
  } finally {
    file.destroy();
    source.destroy();
  }
}

async function copy(
  reader: BlockReader,
  size: number,
  archive: string,
  target: string | undefined,
  bytes?: (count: number) => void,
): Promise<void> {
  if (target !== undefined) await mkdir(dirname(target), { recursive: true });
  const sink = target === undefined ? undefined : createWriteStream(target);
  // Without a listener a full disk would end the process; the failure is awaited below.
  const failed = sink && new Promise<never>((_, reject) => sink.once('error', reject));
  failed?.catch(() => undefined);
  for (let left = size; left > 0; ) {
    const chunk = await reader.some(left);
    if (!chunk) throw damaged(archive, 'it ends too early');
    left -= chunk.length;
    bytes?.(target === undefined ? 0 : chunk.length);
    if (sink && !sink.write(chunk))
      await Promise.race([new Promise<void>((done) => sink.once('drain', () => done())), failed]);
  }
  if (sink) await Promise.race([new Promise<void>((done) => sink.end(() => done())), failed]);
  await reader.take((BLOCK - (size % BLOCK)) % BLOCK);
}

class BlockReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** Exactly so many bytes; undefined at the end. */
  async take(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0; ) {
      const part = await this.some(left);
      if (!part) return undefined;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  async padded(size: number, archive: string): Promise<Buffer> {
    const content = await this.take(size);
    if (!content) throw damaged(archive, 'it ends too early');
    await this.take((BLOCK - (size % BLOCK)) % BLOCK);
    return content;
  }

  /** Up to so many bytes; undefined at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    if (this.#buffer.length === 0) {
      const { value, done } = await this.#source.next();
      if (done) return undefined;
      this.#buffer = value as Buffer<ArrayBuffer>;
    }
    const part = this.#buffer.subarray(0, limit);
    this.#buffer = this.#buffer.subarray(part.length);
    return part;
  }
}

function clean(name: string): string {
  return name.replace(/^(\.\/)+/, '');
}

function textAt(header: Buffer, at: number, length: number): string {
  return header.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

/** Octal text, or a big-endian number whose first bit is set (GNU). */
function numberAt(header: Buffer, at: number, length: number): number {
  if ((header[at]! & 0x80) === 0) return Number.parseInt(textAt(header, at, length).trim() || '0', 8);
  let value = header[at]! & 0x7f;
  for (let i = 1; i < length; i++) value = value * 256 + header[at + i]!;
  return value;
}

function checkSum(header: Buffer, archive: string): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  if (sum !== numberAt(header, 148, 8)) throw damaged(archive, 'it is no tar archive, or broken');
}
