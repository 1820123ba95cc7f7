import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describeIoError } from '../protocol/errors';
import { type RunEvent, runEventSchema } from '../protocol/events';
import { describeOpening, O_NOFOLLOW, READING, requireOrdinary, writeFully } from './files';
import { runFiles } from './run-folder';

const NEWLINE = 0x0a;
/** A line longer than this is damage, not an event: the largest event is a confusion matrix of some hundred kilobytes. */
const LONGEST_LINE = 16 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** A million steps; all events of a run are held in memory. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Appends events to `journal.jsonl`, one JSON object per line. A line that a crash or a full disk tore is cut off when
 * the journal is opened again (or at once, if the process lives), and whole lines are never touched.
 */
export class JournalWriter {
  readonly #descriptor: number;
  readonly #file: string;
  /** Length of the whole lines. */
  #length: number;

  /** Opens or creates the journal of a run. Errors: disk-full, io. */
  constructor(folder: string) {
    this.#file = join(folder, runFiles.journal);
    try {
      this.#descriptor = fs.openSync(this.#file, fs.constants.O_RDWR | fs.constants.O_CREAT | O_NOFOLLOW);
      this.#length = lengthOfWholeLines(this.#descriptor);
      fs.ftruncateSync(this.#descriptor, this.#length);
    } catch (error) {
      throw describeIoError(error, this.#file);
    }
  }

  /** Errors: disk-full, io; the journal is then as it was before the call. */
  append(event: RunEvent): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      writeFully(this.#descriptor, line, this.#length);
      this.#length += line.length;
    } catch (error) {
      fs.ftruncateSync(this.#descriptor, this.#length);
      throw describeIoError(error, this.#file);
    }
  }

  /** Waits until everything appended so far would survive a loss of power. */
  flush(): void {
    try {
      fs.fsyncSync(this.#descriptor);
    } catch (error) {
      throw describeIoError(error, this.#file);
    }
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}

/** Where the last newline ends, found from the back of the file. */
function lengthOfWholeLines(descriptor: number): number {
  const buffer = Buffer.alloc(64 * 1024);
  let end = fs.fstatSync(descriptor).size;
  while (end > 0) {
    const start = Math.max(0, end - buffer.length);
    const read = fs.readSync(descriptor, buffer, 0, end - start, start);
    const last = buffer.subarray(0, read).lastIndexOf(NEWLINE);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/**
 * Follows a growing journal: each `read` gives the whole lines that came since the last. Never writes, so any process
 * may follow any run. A torn last line is left for later; a damaged line is skipped and counted.
 */
export class JournalTail {
  readonly #file: string;
  /** Where the first line that was not handed out begins. */
  #offset: number;
  /** Lines that are no JSON object or an event with wrong fields. */
  damaged = 0;
  /** Lines of a kind this version does not know. */
  unknown = 0;

  constructor(folder: string, offset = 0) {
    this.#file = join(folder, runFiles.journal);
    this.#offset = offset;
  }

  /** Bytes of whole lines handed out; give it to a new JournalTail to go on from here. */
  get offset(): number {
    return this.#offset;
  }

  /** New events, oldest first; none if the journal does not exist yet. Errors: io. */
  async read(): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    let handle: Awaited<ReturnType<typeof open>>;
    try {
      handle = await open(this.#file, READING);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return events;
      throw describeOpening(error, this.#file);
    }
    try {
      requireOrdinary(await handle.stat(), this.#file, MOST_BYTES);
      const chunk = Buffer.alloc(CHUNK);
      let pending = Buffer.alloc(0);
      for (let position = this.#offset; ; ) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
        if (bytesRead === 0) return events;
        position += bytesRead;
        pending = Buffer.concat([pending, chunk.subarray(0, bytesRead)]);
        let begin = 0;
        for (let end = pending.indexOf(NEWLINE); end >= 0; end = pending.indexOf(NEWLINE, begin)) {
          this.#parse(pending.subarray(begin, end), events);
          begin = end + 1;
        }
        this.#offset += begin;
        pending = pending.subarray(begin);
        if (pending.length > LONGEST_LINE) {
          // Skips what was read of the monster; what follows it up to its newline is damaged, too.
          this.#offset += pending.length;
          pending = Buffer.alloc(0);
        }
      }
    } catch (error) {
      throw describeIoError(error, this.#file);
    } finally {
      await handle.close();
    }
  }

  #parse(line: Buffer, events: RunEvent[]): void {
    if (line.length === 0) return;
    let value: unknown;
    try {
      value = JSON.parse(line.toString('utf8'));
    } catch {
      this.damaged++;
      return;
    }
    const parsed = runEventSchema.safeParse(value);
    if (parsed.success) events.push(parsed.data);
    else if (isUnknownKind(value)) this.unknown++;
    else this.damaged++;
  }
}

const knownKinds: ReadonlySet<unknown> = new Set(
  runEventSchema.options.map((option) => option.shape.kind.value),
);

function isUnknownKind(value: unknown): boolean {
  const kind = (value as { kind?: unknown } | null)?.kind;
  return typeof kind === 'string' && !knownKinds.has(kind);
}

/** The whole journal of a run at once. Errors: io. */
export async function readJournal(
  folder: string,
): Promise<{ events: RunEvent[]; damaged: number; unknown: number }> {
  const tail = new JournalTail(folder);
  const events = await tail.read();
  return { events, damaged: tail.damaged, unknown: tail.unknown };
}
