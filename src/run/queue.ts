import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DistillError, describeIoError } from '../protocol/errors';
import { type Queue, type QueueEntry, queueSchema } from '../protocol/queue';
import { RunLockHolder } from './lock';
import { readManifest } from './manifest';
import { listRunFolders } from './run-folder';
import { changeUserFile, readUserFile } from './user-file';

/**
 * The runs of a workspace that wait for their turn: `.distill/queue/queue.json`, in order. Any window may change it; one
 * window at a time owns it and starts runs from it.
 */

const empty: Queue = { version: 1, held: false, entries: [] };

/** Another window changes the queue in milliseconds. */
const EDIT_PATIENCE_MS = 3_000;
const EDIT_POLL_MS = 10;
/** A worker opens its engine and reads its data set before there is a run folder. */
const START_PATIENCE_MS = 120_000;

export function queueFolder(workspace: string): string {
  return join(workspace, '.distill', 'queue');
}

/** Errors: io. */
export function readQueue(workspace: string): Queue {
  return readUserFile(queueFile(workspace), () => queueSchema) ?? empty;
}

/**
 * Changes the queue; changes of several windows follow each other.
 * Errors: run-locked (a window does not let go of it), disk-full, io.
 */
export async function changeQueue(workspace: string, change: (queue: Queue) => Queue): Promise<Queue> {
  const folder = join(queueFolder(workspace), 'edit');
  makeFolder(folder);
  const end = Date.now() + EDIT_PATIENCE_MS;
  for (;;) {
    let lock: RunLockHolder;
    try {
      lock = RunLockHolder.acquire(folder);
    } catch (error) {
      if (!isLocked(error) || Date.now() > end) throw error;
      await pause(EDIT_POLL_MS);
      continue;
    }
    try {
      return changeUserFile(queueFile(workspace), queueSchema, (before) => change(before ?? empty));
    } finally {
      lock.release();
    }
  }
}

/** Makes this process the one that starts runs from the queue; undefined if another one is. Errors: disk-full, io. */
export function ownQueue(workspace: string): RunLockHolder | undefined {
  makeFolder(queueFolder(workspace));
  try {
    return RunLockHolder.acquire(queueFolder(workspace));
  } catch (error) {
    if (isLocked(error)) return undefined;
    throw error;
  }
}

export function newEntry(entry: Pick<QueueEntry, 'name' | 'configFile' | 'configText'>): QueueEntry {
  return { id: randomUUID(), addedAt: Date.now(), ...entry };
}

export const append =
  (entry: QueueEntry) =>
  (queue: Queue): Queue => ({ ...queue, entries: [...queue.entries, entry] });

export const remove =
  (id: string) =>
  (queue: Queue): Queue => ({ ...queue, entries: queue.entries.filter((entry) => entry.id !== id) });

export const hold =
  (held: boolean) =>
  (queue: Queue): Queue => ({ ...queue, held });

/** Towards the front (-1) or the end (1); what is being started stays where it is. */
export const move =
  (id: string, by: -1 | 1) =>
  (queue: Queue): Queue => {
    const entries = [...queue.entries];
    const at = entries.findIndex((entry) => entry.id === id);
    const [own, other] = [entries[at], entries[at + by]];
    if (!own || !other || own.startingAt !== undefined || other.startingAt !== undefined) return queue;
    entries[at] = other;
    entries[at + by] = own;
    return { ...queue, entries };
  };

export const change =
  (id: string, fields: Pick<Partial<QueueEntry>, 'startingAt' | 'problem'>) =>
  (queue: Queue): Queue => ({
    ...queue,
    entries: queue.entries.map((entry) => (entry.id === id ? { ...entry, ...fields } : entry)),
  });

/** The entry whose turn it is. */
export function nextOf(queue: Queue): QueueEntry | undefined {
  return queue.held ? undefined : queue.entries.find(({ problem }) => problem === undefined);
}

/**
 * What became of an entry whose start another window began, and which is gone now: `begun` (it has its run), `wait`
 * (its worker may still be at it) or `lost`.
 */
export function fateOf(workspace: string, entry: QueueEntry, now = Date.now()): 'begun' | 'wait' | 'lost' {
  if (entry.startingAt === undefined) return 'lost';
  for (const folder of listRunFolders(workspace)) {
    try {
      const { createdAt, configText, configFile } = readManifest(folder);
      if (createdAt < entry.startingAt) continue;
      if (configFile === entry.configFile && configText === entry.configText) return 'begun';
    } catch {
      // A run that cannot be read is not the one.
    }
  }
  return now - entry.startingAt < START_PATIENCE_MS ? 'wait' : 'lost';
}

const queueFile = (workspace: string): string => join(queueFolder(workspace), 'queue.json');

const isLocked = (error: unknown): boolean => error instanceof DistillError && error.code === 'run-locked';

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw describeIoError(error, folder);
  }
}
