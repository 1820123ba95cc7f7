import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { DistillError } from '../../protocol/errors';

/** A file in a zip archive. */
export interface ZipEntry {
  /** With `/` between folders; checked to lie below the folder it is unpacked into. */
  name: string;
  /** Bytes once unpacked, as the archive claims; unpacking holds it to that. */
  size: number;
  compressedSize: number;
  method: number;
  headerOffset: number;
  executable: boolean;
}

const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The directory of TensorFlow's wheel, with 15 000 files, is 2 MB. */
const LARGEST_DIRECTORY = 256 << 20;
const LARGEST_FILE = 8e9;

/**
 * Reads zip archives (PKWARE APPNOTE 6.3, with ZIP64) that come from strangers: names may not leave the folder, links and
 * encrypted entries are refused, and no entry may be larger than it says. Errors: engine-unavailable (damaged or
 * dangerous archive), io, disk-full.
 */
export class ZipFile {
  readonly #file: FileHandle;
  readonly path: string;
  readonly entries: readonly ZipEntry[];

  private constructor(file: FileHandle, path: string, entries: ZipEntry[]) {
    this.#file = file;
    this.path = path;
    this.entries = entries;
  }

  static async open(path: string): Promise<ZipFile> {
    const file = await open(path, 'r');
    try {
      return new ZipFile(file, path, await readDirectory(file, path));
    } catch (error) {
      await file.close();
      if (error instanceof RangeError) throw damaged(path, 'it ends too early');
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** A small member as text; undefined if there is none. */
  async text(name: string, limit = 64 << 20): Promise<string | undefined> {
    const entry = this.entries.find((candidate) => candidate.name === name);
    if (!entry) return undefined;
    if (entry.size > limit) throw damaged(this.path, `${name} is ${entry.size} bytes long`);
    const chunks: Buffer[] = [];
    await this.#read(entry, async (source) => {
      for await (const chunk of source) chunks.push(chunk as Buffer);
    });
    return Buffer.concat(chunks).toString('utf8');
  }

  /**
   * Unpacks one member below `folder`, under its own path or `as`.
   * @param bytes called with the size of each piece written
   * @returns its SHA-256 (base64url without padding, as wheels write it)
   */
  async extract(
    entry: ZipEntry,
    folder: string,
    options: { bytes?: (count: number) => void; signal?: AbortSignal | undefined; as?: string } = {},
  ): Promise<string> {
    const target = join(folder, ...(options.as ?? entry.name).split('/'));
    await mkdir(dirname(target), { recursive: true });
    const hash = createHash('sha256');
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        options.bytes?.(chunk.length);
        done(null, chunk);
      },
    });
    await this.#read(entry, (source) =>
      pipeline(source, watch, createWriteStream(target, { mode: entry.executable ? 0o755 : 0o644 }), {
        signal: options.signal,
      }),
    );
    return hash.digest('base64url');
  }

  async #read(entry: ZipEntry, use: (source: Readable) => Promise<void>): Promise<void> {
    const local = await readAt(this.#file, entry.headerOffset, 30);
    if (local.readUInt32LE(0) !== LOCAL) throw damaged(this.path, `no header of ${entry.name}`);
    const start = entry.headerOffset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const stored = Readable.from(pieces(this.#file, start, entry.compressedSize));
    let count = 0;
    const { path } = this;
    const guard = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        count += chunk.length;
        if (count > entry.size) done(damaged(path, `${entry.name} is larger than it says`));
        else done(null, chunk);
      },
      flush(done) {
        done(count === entry.size ? null : damaged(path, `${entry.name} is shorter than it says`));
      },
    });
    try {
      const unpacked =
        entry.method === 0
          ? pipeline(stored, guard)
          : pipeline(stored, createInflateRaw({ chunkSize: 1 << 18 }), guard);
      await Promise.all([unpacked, use(guard)]);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code.startsWith('Z_')) throw damaged(path, `${entry.name} cannot be unpacked`);
      throw error;
    }
  }
}

async function* pieces(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  const size = 1 << 20;
  for (let done = 0; done < length; done += size)
    yield await readAt(file, start + done, Math.min(size, length - done));
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError('the file ends too early');
    done += bytesRead;
  }
  return buffer;
}

async function readDirectory(file: FileHandle, path: string): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tailLength = Math.min(size, 22 + 0xffff);
  const tail = await readAt(file, size - tailLength, tailLength);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw damaged(path, 'it has no directory');
  let count = tail.readUInt16LE(at + 10);
  let length = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  if (at >= 20 && tail.readUInt32LE(at - 20) === END_64_LOCATOR) {
    const end = await readAt(file, number64(tail, at - 20 + 8, path), 56);
    if (end.readUInt32LE(0) !== END_64) throw damaged(path, 'its directory is broken');
    count = number64(end, 32, path);
    length = number64(end, 40, path);
    offset = number64(end, 48, path);
  }
  if (length > LARGEST_DIRECTORY || offset + length > size) throw damaged(path, 'its directory is broken');
  return parseDirectory(await readAt(file, offset, length), count, path);
}

function parseDirectory(directory: Buffer, count: number, path: string): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (directory.readUInt32LE(at) !== CENTRAL) throw damaged(path, 'its directory is broken');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => directory.readUInt16LE(at + o));
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength!);
    const extra = directory.subarray(at + 46 + nameLength!, at + 46 + nameLength! + extraLength!);
    const sizes = sizesOf(directory, at, extra, path);
    const mode = directory.readUInt16LE(at + 40);
    const entry: ZipEntry = {
      name,
      method: directory.readUInt16LE(at + 10),
      executable: (mode & 0o100) !== 0,
      ...sizes,
    };
    if (!name.endsWith('/')) {
      checkEntry(entry, directory.readUInt16LE(at + 8), mode, path);
      entries.push(entry);
    }
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  return entries;
}

/** Sizes and offset; where 32 bits do not suffice they are in the extra field 1, in this order. */
function sizesOf(directory: Buffer, at: number, extra: Buffer, path: string) {
  let size = directory.readUInt32LE(at + 24);
  let compressedSize = directory.readUInt32LE(at + 20);
  let headerOffset = directory.readUInt32LE(at + 42);
  for (let e = 0; e + 4 <= extra.length; e += 4 + extra.readUInt16LE(e + 2)) {
    if (extra.readUInt16LE(e) !== 1) continue;
    let next = e + 4;
    const take = () => {
      const value = number64(extra, next, path);
      next += 8;
      return value;
    };
    if (size === 0xffffffff) size = take();
    if (compressedSize === 0xffffffff) compressedSize = take();
    if (headerOffset === 0xffffffff) headerOffset = take();
  }
  return { size, compressedSize, headerOffset };
}

function checkEntry(entry: ZipEntry, flags: number, mode: number, path: string): void {
  const { name } = entry;
  if (!isSafePath(name)) throw damaged(path, `unsafe name in the archive: ${JSON.stringify(name)}`);
  if ((mode & 0o170000) === 0o120000) throw damaged(path, `${name} is a link`);
  if ((flags & 1) !== 0) throw damaged(path, `${name} is encrypted`);
  if (entry.method !== 0 && entry.method !== 8)
    throw damaged(path, `${name} is packed in an unknown way (${entry.method})`);
  if (entry.size > LARGEST_FILE) throw damaged(path, `${name} claims ${entry.size} bytes`);
}

/** Whether a path of an archive stays below the folder it is unpacked into, on every platform. */
export function isSafePath(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === '' || /[\\:\u0000-\u001f]/.test(name) || name.startsWith('/')) return false;
  return !name.split('/').some((part) => part === '' || part === '.' || part === '..');
}

function number64(buffer: Buffer, at: number, path: string): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(path, 'its directory is broken');
  return Number(value);
}

export function damaged(path: string, what: string): DistillError {
  return new DistillError('engine-unavailable', `The archive cannot be unpacked: ${what}.`, {
    where: path,
    remedy: 'The file is damaged or not what its name says: download it again.',
  });
}
