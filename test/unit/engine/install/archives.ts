import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { crc32Of } from './crc32';

/** A member as it is written; what is not given is as it should be. */
export interface Member {
  content: string | Buffer;
  /** What the archive claims instead of the real size. */
  claimed?: number;
  /** Unix mode; links are 0o120777. */
  mode?: number;
  stored?: boolean;
  flags?: number;
}

/** Writes a zip archive as PKWARE's APPNOTE describes it. */
export function writeZip(
  file: string,
  members: Record<string, string | Buffer | Member>,
  options: { zip64?: boolean } = {},
): string {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, given] of Object.entries(members)) {
    const member: Member = typeof given === 'string' || Buffer.isBuffer(given) ? { content: given } : given;
    const content = Buffer.from(member.content as string);
    const packed = member.stored ? content : deflateRawSync(content);
    const size = member.claimed ?? content.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(member.flags ?? 0, 6);
    local.writeUInt16LE(member.stored ? 0 : 8, 8);
    local.writeUInt32LE(crc32Of(content), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const extra = Buffer.alloc(options.zip64 ? 28 : 0);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(0x0314, 4);
    central.writeUInt16LE(member.flags ?? 0, 8);
    central.writeUInt16LE(member.stored ? 0 : 8, 10);
    central.writeUInt32LE(crc32Of(content), 16);
    if (options.zip64) {
      for (const at of [20, 24, 42]) central.writeUInt32LE(0xffffffff, at);
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    } else {
      central.writeUInt32LE(packed.length, 20);
      central.writeUInt32LE(size, 24);
      central.writeUInt32LE(offset, 42);
    }
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38);
    centrals.push(central, Buffer.from(name), extra);
    locals.push(local, Buffer.from(name), packed);
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const count = Object.keys(members).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  const tail: Buffer[] = [];
  if (options.zip64) {
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(BigInt(count), 32);
    end64.writeBigUInt64LE(BigInt(directory.length), 40);
    end64.writeBigUInt64LE(BigInt(offset), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(offset + directory.length), 8);
    tail.push(end64, locator);
    end.writeUInt16LE(0xffff, 10);
    end.writeUInt32LE(0xffffffff, 12);
    end.writeUInt32LE(0xffffffff, 16);
  } else {
    end.writeUInt16LE(count, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(offset, 16);
  }
  writeFileSync(file, Buffer.concat([...locals, directory, ...tail, end]));
  return file;
}

/**
 * Writes a wheel: the given members with METADATA and a RECORD of their checksums.
 * @param file path ending with the wheel's name, from which project and version are taken
 */
export function writeWheel(
  file: string,
  members: Record<string, string | Buffer | Member>,
  options: { requires?: string[]; record?: Record<string, string> } = {},
): string {
  const [project, version] = file.split(/[\\/]/).at(-1)!.split('-') as [string, string];
  const info = `${project}-${version}.dist-info`;
  const all: Record<string, string | Buffer | Member> = {
    ...members,
    [`${info}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${project.replaceAll('_', '-')}`,
      `Version: ${version}`,
      ...(options.requires ?? []).map((line) => `Requires-Dist: ${line}`),
      '',
    ].join('\n'),
  };
  const record = Object.entries(all).map(([name, member]) => {
    const content = typeof member === 'string' || Buffer.isBuffer(member) ? member : member.content;
    const hash = options.record?.[name] ?? createHash('sha256').update(content).digest('base64url');
    return `${name},sha256=${hash},${content.length}`;
  });
  return writeZip(file, { ...all, [`${info}/RECORD`]: [...record, `${info}/RECORD,,`, ''].join('\n') });
}

/** Writes a .tar.gz archive (ustar); a value that begins with `->` is a symbolic link. */
export function writeTar(file: string, members: Record<string, string>): string {
  const blocks: Buffer[] = [];
  for (const [name, content] of Object.entries(members)) {
    const link = content.startsWith('->') ? content.slice(2) : undefined;
    const header = Buffer.alloc(512);
    const size = link === undefined ? Buffer.byteLength(content) : 0;
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(link === undefined ? '0' : '2', 156);
    if (link !== undefined) header.write(link, 157, 100);
    header.write('ustar\0', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(size / 512) * 512);
    if (link === undefined) body.write(content);
    blocks.push(header, body);
  }
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return file;
}
