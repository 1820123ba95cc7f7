import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeIoError } from '../protocol/errors';
import { cacheFolder } from './cache-folder';

/** Ways to get TensorFlow, in the order in which a set-up tries them. */
export const SOURCES = ['python', 'pip', 'index', 'wheel', 'npm'] as const;
export type Source = (typeof SOURCES)[number];

/** What a TensorFlow was built with, as its own build information says; undefined where it says nothing. */
export interface CudaBuild {
  /** `12.5.1` */
  cuda: string;
  /** `9` */
  cudnn?: string | undefined;
}

/** Which TensorFlow is used, written when it was set up. */
export interface Receipt {
  /** Goes up when an older receipt can no longer be used. */
  layout: typeof LAYOUT;
  source: Source;
  version: string;
  /** Shared library that exports TF_* and TFE_*; absolute. */
  library: string;
  /** Other files that must be there beside it; absolute. */
  beside: string[];
  /** Libraries loaded before it, in this order; absolute. */
  preload: string[];
  /** Made by the set-up and removed with it; null where a TensorFlow is used in place. */
  folder: string | null;
  /** What people know it by: a wheel's name, a Python environment's folder. */
  origin: string;
  cuda: CudaBuild | null;
  setUpAt: string;
}

const LAYOUT = 2;

export type TensorFlowSearch =
  | { found: true; receipt: Receipt }
  /** `reason`: one plain sentence for people, with what to do. */
  | { found: false; reason: string };

/** Says which TensorFlow is used; beside the folders, because some lie elsewhere. */
export function receiptFile(): string {
  return join(cacheFolder(), 'tensorflow.json');
}

/** Looks for a finished set-up and checks that its files are still there: one in a Python environment may go at any time. */
export function findTensorFlow(): TensorFlowSearch {
  const again = 'Run "distill doctor --install tensorflow".';
  const text = readText(receiptFile());
  if (text === undefined) return { found: false, reason: `TensorFlow is not set up. ${again}` };
  const receipt = parseReceipt(text);
  if (!receipt)
    return {
      found: false,
      reason: `TensorFlow was set up by another version of this program (${receiptFile()}). ${again}`,
    };
  const missing = [receipt.library, ...receipt.beside, ...receipt.preload].filter(
    (file) => !existsSync(file),
  );
  if (missing.length === 0) return { found: true, receipt };
  return {
    found: false,
    reason:
      receipt.source === 'python'
        ? `The TensorFlow of the Python environment ${receipt.origin} is gone or was changed (${missing[0]} is missing). ${again}`
        : `TensorFlow's set-up is incomplete: ${missing.join(', ')} missing. ${again}`,
  };
}

/** What was set up last, whether or not its files are still there. */
export function readReceipt(): Receipt | undefined {
  const text = readText(receiptFile());
  return text === undefined ? undefined : parseReceipt(text);
}

/** From now on this TensorFlow is used. Errors: io, disk-full. */
export function writeReceipt(receipt: Omit<Receipt, 'layout' | 'setUpAt'>): Receipt {
  const file = receiptFile();
  const whole: Receipt = { layout: LAYOUT, ...receipt, setUpAt: new Date().toISOString() };
  const beside = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    writeFileSync(beside, `${JSON.stringify(whole, null, 2)}\n`);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw describeIoError(error, file);
  }
  return whole;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseReceipt(text: string): Receipt | undefined {
  try {
    const value = JSON.parse(text) as Partial<Receipt>;
    const paths = [value.library, ...(value.beside ?? []), ...(value.preload ?? [])];
    return value.layout === LAYOUT && paths.every((path) => typeof path === 'string')
      ? (value as Receipt)
      : undefined;
  } catch {
    return undefined;
  }
}
