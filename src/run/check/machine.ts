import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';

/** What the drivers of GPUs that TensorFlow can use bring with them, on Linux, under WSL and on Windows. */
const DRIVERS = ['/dev/nvidiactl', '/dev/dxg', 'C:\\Windows\\System32\\nvcuda.dll'];

let bytes: number | undefined;

/** Bytes that a training on this machine's processor can use; no limit where a GPU may do it, whose own memory is not known here. */
export function trainingMemory(): number {
  bytes ??= DRIVERS.some((driver) => existsSync(driver)) ? Number.POSITIVE_INFINITY : totalmem();
  return bytes;
}
