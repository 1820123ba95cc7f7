import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { cacheFolder } from '../../engine/cache-folder';
import { makeRoom, touch } from './cache-room';
import type { PairFiles } from './pair';
import { type PairRecord, pairRecordSchema } from './record';

/** Changes whenever the same files give other records. */
const VERSION = 1;
/** Between two writes: what a check that is killed has to do again. */
const FLUSH_LINES = 64;

/** Where the records of a dataset's files are kept for this user, whatever kind it is read as. */
export function checkCacheFile(folder: string): string {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24);
  return join(cacheFolder(), 'datasets', `${name}.files.jsonl`);
}

/**
 * What was found in the files of a dataset, one JSON object per line, only appended to: a process that is killed loses
 * nothing of what it wrote, and a torn line is passed over. The newest line of a pair counts. A file in which most lines
 * are superseded is written anew, beside and renamed. The caches of all datasets together are bounded. One that cannot be
 * written to is done without.
 */
export class CheckCache {
  readonly #file: string;
  readonly #root: string;
  readonly #records = new Map<string, PairRecord>();
  #lines = 0;
  #pending: string[] = [];
  #torn = false;
  /** The lines are of another version, or the file is no such cache: it is replaced at the first write. */
  #fresh = false;
  /** Records went that have lines. */
  #shrunk = false;
  #hasRoom = false;

  private constructor(file: string, root: string) {
    this.#file = file;
    this.#root = root;
  }

  /** Reads what is known. @param root absolute folder that stored paths are relative to */
  static open(root: string, file = checkCacheFile(root)): CheckCache {
    const cache = new CheckCache(file, root);
    cache.#read();
    return cache;
  }

  get(files: PairFiles): PairRecord | undefined {
    return this.#records.get(keyOf(files));
  }

  get size(): number {
    return this.#records.size;
  }

  /** As if nothing was known; the file is replaced at the next write. */
  forget(): void {
    this.#records.clear();
    this.#pending = [];
    this.#fresh = true;
  }

  add(record: PairRecord): void {
    this.#records.set(keyOf(record), record);
    this.#pending.push(this.#line(record));
    if (this.#pending.length >= FLUSH_LINES) this.flush();
  }

  /** Forgets what is not among these and whose image is gone: the dataset has become another one. */
  forgetGone(there: readonly PairFiles[]): void {
    const keys = new Set(there.map(keyOf));
    for (const [key, { image }] of this.#records) {
      if (keys.has(key) || existsSync(image)) continue;
      this.#records.delete(key);
      this.#shrunk = true;
    }
  }

  /** Writes what was added. */
  flush(): void {
    if (this.#pending.length === 0 && !this.#shrunk) return;
    const lines = this.#pending.splice(0);
    this.#lines += lines.length;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      if (!this.#hasRoom) makeRoom(this.#file);
      this.#hasRoom = true;
      if (this.#fresh || this.#shrunk || this.#lines > 2 * this.#records.size + FLUSH_LINES) this.#rewrite();
      else appendFileSync(this.#file, `${this.#torn ? '\n' : ''}${lines.join('\n')}\n`);
      this.#torn = false;
    } catch {
      // The disk is full or may not be written to: everything is only looked at again the next time.
    }
  }

  #read(): void {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      this.#fresh = true;
      return;
    }
    touch(this.#file);
    const lines = text.split('\n');
    this.#torn = lines.pop() !== '';
    if (lines.shift() !== header) {
      this.#fresh = true;
      return;
    }
    for (const line of lines) {
      this.#lines++;
      const record = parse(line);
      if (!record) continue;
      const whole = {
        ...record,
        image: resolve(this.#root, record.image),
        label: resolve(this.#root, record.label),
      };
      this.#records.set(keyOf(whole), whole);
    }
  }

  #rewrite(): void {
    const beside = join(
      dirname(this.#file),
      `.${basename(this.#file)}.${randomBytes(4).toString('hex')}.tmp`,
    );
    try {
      const lines = [header, ...[...this.#records.values()].map((record) => this.#line(record))];
      writeFileSync(beside, `${lines.join('\n')}\n`);
      renameSync(beside, this.#file);
    } finally {
      rmSync(beside, { force: true });
    }
    this.#lines = this.#records.size;
    this.#fresh = false;
    this.#shrunk = false;
  }

  #line(record: PairRecord): string {
    const inRoot = (file: string) => relative(this.#root, file);
    return JSON.stringify({ ...record, image: inRoot(record.image), label: inRoot(record.label) });
  }
}

const header = JSON.stringify({ kind: 'dataset-files', version: VERSION });

const keyOf = ({ image, label }: PairFiles): string => `${image}\n${label}`;

function parse(line: string): PairRecord | undefined {
  try {
    return pairRecordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
