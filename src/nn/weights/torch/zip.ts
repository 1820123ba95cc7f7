import type { ByteSource } from '../byte-source';
import { brokenWeights } from '../refusal';

/** Where the contents of an entry lie in the file. */
export interface ZipEntry {
  readonly begin: number;
  /** As it lies in the file. */
  readonly length: number;
  /** What it contains would have to be unpacked. */
  readonly compressed: boolean;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const DIRECTORY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
const MAX_ENTRIES = 100_000;
const SYMLINK = 0o120000;

/**
 * The entries of a zip archive as PyTorch writes them: stored, never compressed, ZIP64 where large. Nothing is
 * ever unpacked, so that no archive can grow beyond its own size; every range is checked against the file and against the
 * others.
 * Source: PKWARE APPNOTE.TXT, sections 4.3 and 4.5.3.
 * Errors: checkpoint-broken.
 */
export function readZip(source: ByteSource): Map<string, ZipEntry> {
  const directory = findDirectory(source);
  const entries = new Map<string, ZipEntry>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  const bytes = source.read(directory.begin, directory.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    if (at + DIRECTORY_BYTES > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw broken(source, `its directory ends after ${i} of ${directory.entries} entries.`);
    const record = readRecord(source, view, at);
    at = record.next;
    const { name, length, header, compressed } = record;
    if (entries.has(name)) throw broken(source, `it has two entries "${name}".`);
    const begin = contentsOf(source, name, header);
    if (begin + length > directory.begin)
      throw broken(
        source,
        `"${name}" lies at bytes ${begin} to ${begin + length}, beyond the ${directory.begin} there are.`,
      );
    entries.set(name, { begin, length, compressed });
    ranges.push({ name, begin: header, end: begin + length });
  }
  ranges.sort((a, b) => a.begin - b.begin);
  for (const [i, { name, begin }] of ranges.entries())
    if (i > 0 && begin < ranges[i - 1]!.end)
      throw broken(source, `"${name}" and "${ranges[i - 1]!.name}" overlap.`);
  return entries;
}

/** The end record tells where the directory lies; in large archives one before it does. */
function findDirectory(source: ByteSource): { begin: number; length: number; entries: number } {
  const tailLength = Math.min(source.size, END_BYTES + MAX_COMMENT);
  const tailBegin = source.size - tailLength;
  const tail = viewOf(source, tailBegin, tailLength);
  let at = tailLength - END_BYTES;
  while (
    at >= 0 &&
    !(
      tail.getUint32(at, true) === 0x06054b50 && at + END_BYTES + tail.getUint16(at + 20, true) === tailLength
    )
  )
    at--;
  if (at < 0) throw broken(source, 'its end is missing; it may be cut off.');
  const end = tailBegin + at;
  let found = {
    entries: tail.getUint16(at + 10, true),
    length: tail.getUint32(at + 12, true),
    begin: tail.getUint32(at + 16, true),
  };
  let limit = end;
  if (end >= LOCATOR_BYTES) {
    const locator = viewOf(source, end - LOCATOR_BYTES, LOCATOR_BYTES);
    if (locator.getUint32(0, true) === 0x07064b50) {
      limit = size(source, locator.getBigUint64(8, true));
      if (limit + END64_BYTES > end - LOCATOR_BYTES)
        throw broken(source, `its end record is said to lie at byte ${limit}.`);
      const end64 = viewOf(source, limit, END64_BYTES);
      if (end64.getUint32(0, true) !== 0x06064b50)
        throw broken(source, `there is no end record at byte ${limit}.`);
      found = {
        entries: Number(end64.getBigUint64(32, true)),
        length: size(source, end64.getBigUint64(40, true)),
        begin: size(source, end64.getBigUint64(48, true)),
      };
    }
  }
  if (found.begin + found.length > limit)
    throw broken(
      source,
      `its directory is said to have ${found.length} bytes at ${found.begin}, beyond the ${limit} there are.`,
    );
  if (found.entries > MAX_ENTRIES)
    throw broken(source, `it announces ${found.entries} entries; ${MAX_ENTRIES} are the limit.`);
  if (found.entries * DIRECTORY_BYTES > found.length)
    throw broken(source, `it announces ${found.entries} entries in a directory of ${found.length} bytes.`);
  return found;
}

/** One record of the directory. */
function readRecord(
  source: ByteSource,
  view: DataView,
  at: number,
): { name: string; length: number; header: number; compressed: boolean; next: number } {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [
    number,
    number,
    number,
  ];
  const next = at + DIRECTORY_BYTES + nameLength + extraLength + commentLength;
  if (next > view.byteLength) throw broken(source, 'its directory is cut off.');
  const nameAt = at + DIRECTORY_BYTES;
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + nameAt, nameLength));
  const extra = new DataView(view.buffer, view.byteOffset + nameAt + nameLength, extraLength);
  if (flags & 1) throw broken(source, `"${name}" is encrypted.`);
  if (((view.getUint32(at + 38, true) >>> 16) & 0o170000) === SYMLINK)
    throw broken(source, `"${name}" is a symbolic link.`);
  const fields = {
    unpacked: view.getUint32(at + 24, true),
    packed: view.getUint32(at + 20, true),
    header: view.getUint32(at + 42, true),
  };
  const { unpacked, packed, header } = wide(source, fields, extra);
  if (method === 0 && packed !== unpacked)
    throw broken(source, `"${name}" has ${packed} bytes that are said to be ${unpacked}.`);
  return { name, length: packed, header, compressed: method !== 0, next };
}

/** Fields that are all ones are in the ZIP64 extra field, in this order. */
function wide<F extends Record<string, number>>(source: ByteSource, fields: F, extra: DataView): F {
  const missing = Object.keys(fields).filter((key) => fields[key] === 0xffffffff);
  if (missing.length === 0) return fields;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    if (id === 1 && length >= 8 * missing.length && at + 4 + length <= extra.byteLength) {
      const read = missing.map(
        (key, i) => [key, size(source, extra.getBigUint64(at + 4 + 8 * i, true))] as const,
      );
      return { ...fields, ...Object.fromEntries(read) };
    }
    at += 4 + length;
  }
  throw broken(source, 'an entry is said to be large and does not say how large.');
}

function contentsOf(source: ByteSource, name: string, header: number): number {
  if (header + LOCAL_BYTES > source.size)
    throw broken(source, `"${name}" is said to lie at byte ${header} of ${source.size}.`);
  const local = viewOf(source, header, LOCAL_BYTES);
  if (local.getUint32(0, true) !== 0x04034b50)
    throw broken(source, `"${name}" does not begin at byte ${header}.`);
  return header + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
}

function viewOf(source: ByteSource, begin: number, length: number): DataView {
  const bytes = source.read(begin, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function size(source: ByteSource, value: bigint): number {
  if (value > BigInt(source.size))
    throw broken(source, `it announces ${value} bytes and has ${source.size}.`);
  return Number(value);
}

function broken(source: ByteSource, what: string): Error {
  return brokenWeights(source.where, `This is not a whole checkpoint of PyTorch: ${what}`);
}
