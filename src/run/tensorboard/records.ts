import { maskedCrc32c } from './crc32c';

/**
 * TensorBoard's event files: TFRecords (length, its checksum, data, its checksum; all little-endian), each an `Event`
 * of tensorflow/core/util/event.proto. Only what scalars need is written.
 */

/** One record. */
export function record(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length), 0);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc32c(data), 0);
  return Buffer.concat([head, data, foot]);
}

/** The first event of every file. @param at milliseconds since the epoch */
export function versionEvent(at: number): Buffer {
  // Event: 1 wall_time, 3 file_version.
  return Buffer.concat([double(1, at / 1000), bytes(3, Buffer.from('brain.Event:2'))]);
}

export interface Scalar {
  tag: string;
  value: number;
}

/** Scalars of one step. @param at milliseconds since the epoch */
export function scalarEvent(at: number, step: number, scalars: readonly Scalar[]): Buffer {
  // Event: 1 wall_time, 2 step, 5 summary; Summary: 1 value; Value: 1 tag, 2 simple_value.
  const values = scalars.map(({ tag, value }) =>
    bytes(1, Buffer.concat([bytes(1, Buffer.from(tag)), float(2, value)])),
  );
  return Buffer.concat([double(1, at / 1000), varint(2, step), bytes(5, Buffer.concat(values))]);
}

// Protocol buffers' wire format: field number and type, then the value.
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

function number(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...out, rest]);
}
const key = (field: number, type: number): Buffer => number(field * 8 + type);
const varint = (field: number, value: number): Buffer => Buffer.concat([key(field, VARINT), number(value)]);
const bytes = (field: number, data: Buffer): Buffer =>
  Buffer.concat([key(field, LENGTH), number(data.length), data]);

function double(field: number, value: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return Buffer.concat([key(field, FIXED64), data]);
}

function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([key(field, FIXED32), data]);
}
